import { createHash } from 'node:crypto'
import type { MessageAttribute } from '../../wire/queue-message.ts'
import { attributesDigested } from '../../wire/sqs-message.ts'

export function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex')
}

/** SQS's digest of message attributes. */
export function md5OfAttributes(attributes: Readonly<Record<string, MessageAttribute>>): string {
  return md5(attributesDigested(attributes))
}
