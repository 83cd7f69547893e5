import type { Member } from '../../wire/aws-shape.ts'
import type { MessageAttribute } from '../../wire/queue-message.ts'
import { invalidParameter } from './errors.ts'
import { requireCharacters } from './message-text.ts'

const value = {
  type: 'structure',
  members: {
    StringValue: { type: 'string' },
    BinaryValue: { type: 'blob' },
    DataType: { type: 'string' },
  },
} as const

/** The table of message attributes, as both directions have them. */
export const messageAttributes = {
  type: 'map',
  of: value,
  flattened: 'MessageAttribute',
  keyName: 'Name',
  valueName: 'Value',
} as const satisfies Member

export const messageSystemAttributes = { ...messageAttributes, flattened: 'MessageSystemAttribute' } as const

interface SqsAttribute {
  readonly StringValue?: string
  readonly BinaryValue?: Uint8Array
  readonly DataType?: string
}

type Attributes = Readonly<Record<string, MessageAttribute>>

const attributesMax = 10

/**
 * Message attributes as they were sent, checked.
 * @throws AwsError InvalidParameterValueException, InvalidMessageContents
 */
export function attributesIn(given: Readonly<Record<string, SqsAttribute>> | undefined): Attributes | undefined {
  const names = Object.keys(given ?? {})
  if (given === undefined || names.length === 0) return undefined
  if (names.length > attributesMax) {
    throw invalidParameter(
      `Number of message attributes [${names.length}] exceeds the allowed maximum [${attributesMax}].`,
    )
  }
  return Object.fromEntries(names.map((name) => [name, attributeIn(name, given[name] as SqsAttribute)]))
}

function attributeIn(name: string, { StringValue, BinaryValue, DataType }: SqsAttribute): MessageAttribute {
  requireName(name)
  const type = DataType ?? ''
  if (type === '')
    throw invalidParameter(`The message attribute '${name}' must contain non-empty message attribute type.`)
  const kind = /^(String|Number|Binary)(\..+)?$/s.exec(type)?.[1]
  if (kind === undefined || type.length > 256) {
    throw invalidParameter(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    )
  }
  const given = kind === 'Binary' ? BinaryValue : StringValue
  if (given === undefined || given.length === 0) {
    throw invalidParameter(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${kind}'.`,
    )
  }
  if (kind === 'Binary') return { type, value: given as Uint8Array }
  if (kind === 'Number' && !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(String(given))) {
    throw invalidParameter(`Can't cast the value of message (user) attribute '${name}' to a number.`)
  }
  requireCharacters(String(given))
  return { type, value: String(given) }
}

function requireName(name: string): void {
  const said = name.slice(0, 256)
  if (name.length > 256)
    throw invalidParameter(`Length of message attribute name must be less than 256 bytes: '${said}'.`)
  if (!/^[A-Za-z0-9_.-]+$/.test(name)) {
    throw invalidParameter(
      `The message attribute name '${said}' is invalid. Attribute name can contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) characters.`,
    )
  }
  if (/^(aws|amazon)\./i.test(name)) {
    throw invalidParameter(`You can't use message attribute names beginning with 'AWS.' or 'Amazon.': '${said}'.`)
  }
  if (name.startsWith('.') || name.endsWith('.') || name.includes('..')) {
    throw invalidParameter(
      `The message attribute name '${said}' is invalid: it must not begin or end with a period, nor have two in a row.`,
    )
  }
}

/**
 * Those attributes that a receiver asked for, by name, by `prefix.*`, or by All or `.*`.
 */
export function selected(attributes: Attributes | undefined, names: readonly string[]): Attributes | undefined {
  if (attributes === undefined || names.length === 0) return undefined
  const wants = (name: string) =>
    names.some(
      (each) =>
        each === 'All' || each === '.*' || each === name || (each.endsWith('.*') && name.startsWith(each.slice(0, -1))),
    )
  const chosen = Object.entries(attributes).filter(([name]) => wants(name))
  return chosen.length === 0 ? undefined : Object.fromEntries(chosen)
}

/** As answers have them. */
export function shown(attributes: Attributes): Record<string, object> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { type: DataType, value: each }]) => [
      name,
      typeof each === 'string' ? { StringValue: each, DataType } : { BinaryValue: each, DataType },
    ]),
  )
}
