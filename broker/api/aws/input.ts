import { AwsError, serializationError } from '../../wire/aws-error.ts'
import { fromBase64, LongText } from '../../wire/aws-json.ts'
import type { ListShape, MapShape, Member, Members, NumberShape, Shape, StringShape } from '../../wire/aws-shape.ts'

/** AWS names at most this many problems at once. */
const problemsMax = 10

/** Where in the input a value is; a list of names from the inside out, so that only who complains pays for the text. */
interface Place {
  readonly parent: Place | undefined
  readonly name: string
}

/**
 * Checks a decoded request against an operation's table, first types, then constraints, and returns just what the table
 * has, with members that are null left out.
 * @throws AwsError SerializationException for a wrong type; ValidationException naming up to 10 constraints at once
 */
export function checkInput(value: unknown, members: Members): object {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw serializationError('Expected a structure')
  const problems: string[] = []
  const input = structure(value as Record<string, unknown>, members, undefined, problems)
  if (problems.length > 0) throw validationError(problems)
  return input
}

/** ValidationException with AWS's own sentence around each of `problems`. */
export function validationError(problems: readonly string[]): AwsError {
  const count = `${problems.length} validation error${problems.length === 1 ? '' : 's'}`
  return new AwsError('ValidationException', `${count} detected: ${problems.join('; ')}`)
}

function structure(
  value: Record<string, unknown>,
  members: Members,
  parent: Place | undefined,
  problems: string[],
): Record<string, unknown> {
  const checked: Record<string, unknown> = {}
  for (const name in members) {
    const member = members[name] as Member
    const given = Object.hasOwn(value, name) ? value[name] : undefined
    if (given === undefined || given === null) {
      if (member.required) complain(problems, null, { parent, name }, 'Member must not be null')
      continue
    }
    checked[name] = check(given, member, parent, name, problems)
  }
  return checked
}

function check(value: unknown, shape: Shape, parent: Place | undefined, name: string, problems: string[]): unknown {
  switch (shape.type) {
    case 'string':
      return string(value, shape, parent, name, problems)
    case 'integer':
    case 'long':
    case 'double':
      return number(value, shape, parent, name, problems)
    case 'boolean':
      if (typeof value === 'boolean') return value
      throw notConverted(value, 'an Boolean')
    case 'timestamp':
      return time(value)
    case 'blob': {
      const bytes = blob(value)
      length(bytes.length, bytes, shape, parent, name, problems)
      return bytes
    }
    case 'list':
      return list(value, shape, parent, name, problems)
    case 'map':
      return map(value, shape, parent, name, problems)
    default:
      if (!isMap(value)) throw Array.isArray(value) ? listFound() : serializationError('Expected null')
      return structure(value, shape.members, { parent, name }, problems)
  }
}

function string(
  given: unknown,
  shape: StringShape,
  parent: Place | undefined,
  name: string,
  problems: string[],
): string {
  const value = given instanceof LongText ? given.text() : given
  if (typeof value !== 'string') throw notConverted(value, 'an String')
  length(value.length, value, shape, parent, name, problems)
  if (shape.pattern !== undefined && !patternOf(shape.pattern).test(value)) {
    complain(problems, value, { parent, name }, `Member must satisfy regular expression pattern: ${shape.pattern}`)
  }
  if (shape.enum !== undefined && !shape.enum.includes(value)) {
    complain(problems, value, { parent, name }, `Member must satisfy enum value set: [${shape.enum.join(', ')}]`)
  }
  return value
}

function number(
  value: unknown,
  shape: NumberShape,
  parent: Place | undefined,
  name: string,
  problems: string[],
): number {
  if (typeof value !== 'number' || Number.isNaN(value)) {
    throw notConverted(value, `an ${shape.type[0]?.toUpperCase()}${shape.type.slice(1)}`)
  }
  // AWS cuts off what an integer cannot hold, and fractions too, and then looks at the bounds.
  const bound = shape.type === 'integer' ? 2 ** 31 - 1 : Number.MAX_SAFE_INTEGER
  const number = shape.type === 'double' ? value : Math.max(-bound - 1, Math.min(bound, Math.floor(value)))
  const { min, max } = shape
  if (min !== undefined && number < min) {
    complain(problems, number, { parent, name }, `Member must have value greater than or equal to ${min}`)
  }
  if (max !== undefined && number > max) {
    complain(problems, number, { parent, name }, `Member must have value less than or equal to ${max}`)
  }
  return number
}

/** Milliseconds since 1970: JSON has seconds, the other protocols made a Date. */
function time(value: unknown): number {
  const millis =
    value instanceof Date ? value.getTime() : typeof value === 'number' ? Math.round(value * 1000) : undefined
  if (millis === undefined) throw notConverted(value, 'milliseconds since epoch')
  if (!Number.isSafeInteger(millis) || Math.abs(millis) > 8.64e15) {
    throw serializationError(`${value} can not be converted to milliseconds since epoch`)
  }
  return millis
}

/** Bytes as they are, or base64 decoded. */
function blob(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  if (typeof value !== 'string' && !(value instanceof LongText)) throw notConverted(value, 'a Blob')
  const bytes = typeof value === 'string' ? fromBase64(value) : value.base64()
  if (bytes !== undefined) return bytes
  const text = typeof value === 'string' ? value : value.latin1()
  if (text.length % 4 !== 0) {
    throw notBase64(text, `Base64 encoded length is expected a multiple of 4 bytes but found: ${text.length}`)
  }
  const wrong = /[^A-Za-z0-9+/=]|=[^=]/.exec(text)
  throw notBase64(text, wrong === null ? 'Invalid padding' : `Invalid Base64 character: '${wrong[0]?.[0]}'`)
}

function notBase64(value: string, reason: string): AwsError {
  return serializationError(`'${shortened(value)}' can not be converted to a Blob: ${reason}`)
}

function list(
  value: unknown,
  shape: ListShape,
  parent: Place | undefined,
  name: string,
  problems: string[],
): unknown[] {
  if (!Array.isArray(value)) throw isMap(value) ? mapFound() : serializationError('Expected list or null')
  length(value.length, value, shape, parent, name, problems)
  // Who sends far too many is not told about each of them.
  if (problems.length >= problemsMax || (shape.max !== undefined && value.length > shape.max)) return []
  const place = { parent, name }
  const checked: unknown[] = []
  for (let i = 0; i < value.length; i++) {
    const each: unknown = value[i]
    if (each === null) complain(problems, null, { parent: place, name: `${i + 1}.member` }, 'Member must not be null')
    else checked.push(check(each, shape.of, place, `${i + 1}.member`, problems))
  }
  return checked
}

function map(
  value: unknown,
  shape: MapShape,
  parent: Place | undefined,
  name: string,
  problems: string[],
): Record<string, unknown> {
  if (!isMap(value)) throw Array.isArray(value) ? listFound() : serializationError('Expected map or null')
  const entries = Object.entries(value).filter(([, each]) => each !== null && each !== undefined)
  length(entries.length, value, shape, parent, name, problems)
  const { keyMin = 0, keyMax = Number.POSITIVE_INFINITY } = shape
  if (entries.some(([key]) => key.length < keyMin || key.length > keyMax)) {
    const reason = `Map keys must satisfy constraint: [Member must have length less than or equal to ${keyMax}, Member must have length greater than or equal to ${keyMin}]`
    complain(problems, value, { parent, name }, reason)
  }
  const place = { parent, name }
  return Object.fromEntries(
    entries.map(([key, each]) => [key, check(each, shape.of, place, `${shortened(key)}.member`, problems)]),
  )
}

function length(
  actual: number,
  value: unknown,
  { min, max }: { readonly min?: number; readonly max?: number },
  parent: Place | undefined,
  name: string,
  problems: string[],
): void {
  if (min !== undefined && actual < min) {
    complain(problems, value, { parent, name }, `Member must have length greater than or equal to ${min}`)
  }
  if (max !== undefined && actual > max) {
    complain(problems, value, { parent, name }, `Member must have length less than or equal to ${max}`)
  }
}

function complain(problems: string[], value: unknown, place: Place, constraint: string): void {
  if (problems.length >= problemsMax) return
  const said = value === null ? 'null' : `'${shortened(valueText(value))}'`
  problems.push(`Value ${said} at '${placeText(place)}' failed to satisfy constraint: ${constraint}`)
}

function placeText({ parent, name }: Place): string {
  const own = `${name[0]?.toLowerCase()}${name.slice(1)}`
  return parent === undefined ? own : `${placeText(parent)}.${own}`
}

/** As Java prints it. */
function valueText(value: unknown): string {
  if (value instanceof Uint8Array) return `java.nio.HeapByteBuffer[pos=0 lim=${value.length} cap=${value.length}]`
  if (Array.isArray(value)) return `[${value.slice(0, 20).map(valueText).join(', ')}]`
  if (!isMap(value)) return String(value)
  const entries = Object.entries(value).slice(0, 20)
  return `{${entries.map(([name, each]) => `${name}=${valueText(each)}`).join(', ')}}`
}

/** A complaint about a megabyte must not be a megabyte long. */
function shortened(text: string): string {
  return text.length <= 1024 ? text : `${text.slice(0, 1024)}...`
}

const patterns = new Map<string, RegExp>()

function patternOf(source: string): RegExp {
  let pattern = patterns.get(source)
  if (pattern === undefined) {
    pattern = new RegExp(`^(?:${source})$`, 'u')
    patterns.set(source, pattern)
  }
  return pattern
}

function isMap(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array) &&
    !(value instanceof LongText) &&
    !(value instanceof Date)
  )
}

/** In the words AWS's deserializer has for it. */
function notConverted(value: unknown, target: string): AwsError {
  if (Array.isArray(value)) return listFound()
  if (isMap(value)) return mapFound()
  const kinds: Readonly<Record<string, string>> = {
    boolean: 'class java.lang.Boolean',
    string: 'class java.lang.String',
    number: 'class com.amazon.coral.value.json.numbers.TruncatingBigNumber',
  }
  const kind = value instanceof LongText ? kinds['string'] : (kinds[typeof value] ?? 'class java.lang.Object')
  return serializationError(`${kind} can not be converted to ${target}`)
}

function listFound(): AwsError {
  return serializationError('Start of list found where not expected')
}

function mapFound(): AwsError {
  return serializationError('Start of structure or map found where not expected.')
}
