import type { Member } from '../../wire/aws-shape.ts'
import type { MessageAttribute } from '../../wire/queue-message.ts'
import { type AttributeKind, type GivenAttribute, numberText, typedAttribute } from '../aws/message-attribute.ts'
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

/**
 * Message attributes as they were sent, checked.
 * @throws AwsError ParameterValueInvalid
 */
export function attributesIn(
  given: Readonly<Record<string, GivenAttribute>> | undefined,
): Record<string, MessageAttribute> | undefined {
  const entries = Object.entries(given ?? {})
  if (entries.length === 0) return undefined
  return Object.fromEntries(entries.map(([name, attribute]) => [name, attributeIn(name, attribute)]))
}

function attributeIn(name: string, attribute: GivenAttribute): MessageAttribute {
  requireName(name)
  const { kind, type, value } = typedAttribute(name, attribute, invalidAttribute)
  if (typeof value === 'string') requireText(name, { kind, type, value })
  return { type, value }
}

function requireText(name: string, { kind, type, value }: { kind: AttributeKind; type: string; value: string }): void {
  if (kind === 'Number' && !numberText.test(value)) {
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
