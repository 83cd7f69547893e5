import type { Member } from '../../wire/aws-shape.ts'
import type { MessageAttribute } from '../../wire/queue-message.ts'
import { type GivenAttribute, numberText, typedAttribute } from '../aws/message-attribute.ts'
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

type Attributes = Readonly<Record<string, MessageAttribute>>

const attributesMax = 10

/**
 * Message attributes as they were sent, checked.
 * @throws AwsError InvalidParameterValueException, InvalidMessageContents
 */
export function attributesIn(given: Readonly<Record<string, GivenAttribute>> | undefined): Attributes | undefined {
  const names = Object.keys(given ?? {})
  if (given === undefined || names.length === 0) return undefined
  if (names.length > attributesMax) {
    throw invalidParameter(
      `Number of message attributes [${names.length}] exceeds the allowed maximum [${attributesMax}].`,
    )
  }
  return Object.fromEntries(names.map((name) => [name, attributeIn(name, given[name] as GivenAttribute)]))
}

function attributeIn(name: string, attribute: GivenAttribute): MessageAttribute {
  requireName(name)
  const { kind, type, value } = typedAttribute(name, attribute, invalidParameter)
  if (typeof value !== 'string') return { type, value }
  if (kind === 'Number' && !numberText.test(value)) {
    throw invalidParameter(`Can't cast the value of message (user) attribute '${name}' to a number.`)
  }
  requireCharacters(value)
  return { type, value }
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
