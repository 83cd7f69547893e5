import type { Member } from '../../wire/aws-shape.ts'
import type { MessageAttribute } from '../../wire/queue-message.ts'
import { invalidAttribute } from './errors.ts'

/** The table of message attributes. */
export const messageAttributes = {
  type: 'map',
  of: {
    type: 'structure',
    members: { DataType: { type: 'string' }, StringValue: { type: 'string' }, BinaryValue: { type: 'blob' } },
  },
  keyName: 'Name',
  valueName: 'Value',
} as const satisfies Member

interface SnsAttribute {
  readonly DataType?: string
  readonly StringValue?: string
  readonly BinaryValue?: Uint8Array
}

/**
 * Message attributes as they were sent, checked.
 * @throws AwsError ParameterValueInvalid
 */
export function attributesIn(
  given: Readonly<Record<string, SnsAttribute>> | undefined,
): Record<string, MessageAttribute> | undefined {
  const entries = Object.entries(given ?? {})
  if (entries.length === 0) return undefined
  return Object.fromEntries(entries.map(([name, attribute]) => [name, attributeIn(name, attribute)]))
}

function attributeIn(name: string, { DataType, StringValue, BinaryValue }: SnsAttribute): MessageAttribute {
  requireName(name)
  const type = DataType ?? ''
  if (type === '') {
    throw invalidAttribute(`The message attribute '${name}' must contain non-empty message attribute type.`)
  }
  const kind = /^(String|Number|Binary)(\..+)?$/s.exec(type)?.[1]
  if (kind === undefined || type.length > 256) {
    throw invalidAttribute(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    )
  }
  const value = kind === 'Binary' ? BinaryValue : StringValue
  if (value === undefined || value.length === 0) {
    throw invalidAttribute(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${kind}'.`,
    )
  }
  if (typeof value === 'string') requireText(name, type, value)
  return { type, value }
}

function requireText(name: string, type: string, value: string): void {
  if (type.startsWith('Number') && !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value)) {
    throw invalidAttribute(`Could not cast message attribute '${name}' value to number.`)
  }
  if (type === 'String.Array' && !isArray(value)) {
    throw invalidAttribute(`The message attribute '${name}' of type String.Array must be an array of JSON.`)
  }
}

function isArray(text: string): boolean {
  try {
    return Array.isArray(JSON.parse(text))
  } catch {
    // What is no JSON is no array; the caller has the words for that.
    return false
  }
}

function requireName(name: string): void {
  const said = name.slice(0, 256)
  if (name.length > 256) {
    throw invalidAttribute(`Length of message attribute name must be less than 256 bytes.`)
  }
  if (!/^[A-Za-z0-9_.-]+$/.test(name) || name.startsWith('.') || name.endsWith('.') || name.includes('..')) {
    throw invalidAttribute(
      `Invalid non-alphanumeric character was found in the message attribute name '${said}'. Can only include alphanumeric characters, hyphens, underscores, or dots.`,
    )
  }
  if (/^(aws|amazon)\./i.test(name)) {
    throw invalidAttribute(`You can't use message attribute names beginning with 'AWS.' or 'Amazon.': '${said}'.`)
  }
}
