import type { AwsError } from '../../wire/aws-error.ts'
import type { MessageAttribute } from '../../wire/queue-message.ts'

/** A message attribute as SQS and SNS are sent it. */
export interface GivenAttribute {
  readonly DataType?: string
  readonly StringValue?: string
  readonly BinaryValue?: Uint8Array
}

export type AttributeKind = 'String' | 'Number' | 'Binary'

const typeCharactersMax = 256

/** What reads as a number in an attribute. */
export const numberText = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/**
 * An attribute's type and the value that belongs to it, by the rules that both services have; `refused` makes the service's own error of
 * AWS's sentence.
 * @throws AwsError what `refused` makes
 */
export function typedAttribute(
  name: string,
  { DataType: type = '', StringValue, BinaryValue }: GivenAttribute,
  refused: (text: string) => AwsError,
): MessageAttribute & { readonly kind: AttributeKind } {
  if (type === '') throw refused(`The message attribute '${name}' must contain non-empty message attribute type.`)
  const kind = /^(String|Number|Binary)(\..+)?$/s.exec(type)?.[1] as AttributeKind | undefined
  if (kind === undefined || type.length > typeCharactersMax) {
    throw refused(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    )
  }
  const value = kind === 'Binary' ? BinaryValue : StringValue
  if (value === undefined || value.length === 0) {
    throw refused(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${kind}'.`,
    )
  }
  return { kind, type, value }
}
