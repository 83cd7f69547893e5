import { serializationError } from '../../wire/aws-error.ts'
import { decodeAwsJson } from '../../wire/aws-json.ts'
import type { Member, Shape } from '../../wire/aws-shape.ts'
import type { AwsOperation, AwsService } from './operation.ts'
import type { ParsedHead } from './request.ts'

/** What stands for the `{Names}` of an operation's path. */
export type PathValues = Readonly<Record<string, string>>

interface Route {
  readonly segments: readonly string[]
  readonly service: AwsService
  readonly operation: AwsOperation
}

/** Finds the operations of services that have a path for each (Smithy, "AWS REST JSON protocol"). */
export class RestRoutes {
  readonly #routes: Route[] = []

  constructor(services: readonly AwsService[]) {
    for (const service of services) {
      for (const operation of service.operations) {
        if (operation.http === undefined) continue
        const { path, also } = operation.http
        for (const each of also === undefined ? [path] : [path, also]) {
          this.#routes.push({ segments: segmentsOf(each), service, operation })
        }
      }
    }
  }

  /** The operation for a method and a path, of `service` if that is known. */
  find(
    { method, path, query }: ParsedHead,
    service: AwsService | undefined,
  ): { readonly service: AwsService; readonly operation: AwsOperation; readonly values: PathValues } | undefined {
    const given = segmentsOf(path)
    for (const route of this.#routes) {
      const { http } = route.operation
      if (http?.method !== method || (service !== undefined && route.service !== service)) continue
      // Two operations may share a path and differ by a fixed parameter, such as ?find=LayerVersion.
      if (http.marker !== undefined && query.get(http.marker[0]) !== http.marker[1]) continue
      const values = valuesOf(route.segments, given)
      if (values !== undefined) return { service: route.service, operation: route.operation, values }
    }
    return undefined
  }
}

/** Some clients end a path with a slash. */
function segmentsOf(path: string): string[] {
  return (path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path).split('/')
}

function valuesOf(pattern: readonly string[], given: readonly string[]): PathValues | undefined {
  if (pattern.length !== given.length) return undefined
  const values: Record<string, string> = {}
  for (const [i, expected] of pattern.entries()) {
    const segment = given[i] as string
    if (!expected.startsWith('{')) {
      if (expected !== segment) return undefined
    } else {
      const value = decoded(segment)
      if (value === undefined || value === '') return undefined
      values[expected.slice(1, -1)] = value
    }
  }
  return values
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    // What is not percent-encoded names nothing; the caller answers that.
    return undefined
  }
}

/**
 * What a request has for the members of an operation's table: in its path, its query, its headers, and its body.
 * @throws AwsError SerializationException
 */
export function decodeRest(operation: AwsOperation, head: ParsedHead, values: PathValues, body: Uint8Array): object {
  const input: Record<string, unknown> = {}
  let takesJson = true
  for (const [name, member] of Object.entries(operation.input)) {
    if (member.at === 'payload') {
      takesJson = false
      input[name] = body
    } else if (member.at !== undefined || name in values) {
      const texts = textsOf(name, member, head, values)
      if (texts.length > 0)
        input[name] =
          member.type === 'list'
            ? texts.map((each) => converted(each, member.of))
            : converted(texts[0] as string, member)
    }
  }
  if (!takesJson || body.length === 0) return input
  const json = decodeAwsJson(body)
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw serializationError('Expected a structure')
  // What the path, the query and the headers say is not the body's to change.
  return { ...json, ...input }
}

function textsOf(name: string, member: Member, { query, headers }: ParsedHead, values: PathValues): string[] {
  const as = member.as ?? name
  if (member.at === 'query') return query.getAll(as)
  if (member.at === 'header') {
    const value = headers[as.toLowerCase()]
    return value === undefined ? [] : [value].flat()
  }
  const value = values[name]
  return value === undefined ? [] : [value]
}

function converted(text: string, shape: Shape): unknown {
  switch (shape.type) {
    case 'integer':
    case 'long':
    case 'double': {
      const number = Number(text)
      if (text.trim() !== '' && !Number.isNaN(number)) return number
      throw serializationError(`'${text}' can not be converted to a number`)
    }
    case 'boolean':
      if (text === 'true' || text === 'false') return text === 'true'
      throw serializationError(`'${text}' can not be converted to a Boolean`)
    case 'timestamp': {
      const date = new Date(text)
      if (!Number.isNaN(date.getTime())) return date
      throw serializationError(`'${text}' can not be converted to a Timestamp`)
    }
    default:
      return text
  }
}
