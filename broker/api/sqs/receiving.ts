import type { ReceivedMessage } from '../../modes/queue.ts'
import { sequenceNumber } from '../../wire/sqs-message.ts'
import type { AwsContext } from '../aws/operation.ts'
import { arnOf } from './address.ts'
import { md5, md5OfAttributes } from './digests.ts'
import { invalidAttributeName } from './errors.ts'
import { selected, shown } from './message-attributes.ts'

/** What a receiver can ask to be told of each message. */
export const systemAttributeNames: readonly string[] = [
  'All',
  'SenderId',
  'SentTimestamp',
  'ApproximateReceiveCount',
  'ApproximateFirstReceiveTimestamp',
  'SequenceNumber',
  'MessageDeduplicationId',
  'MessageGroupId',
  'AWSTraceHeader',
  'DeadLetterQueueSourceArn',
]

/** @throws AwsError InvalidAttributeName */
export function requireSystemAttributes(names: readonly string[]): void {
  for (const name of names) {
    if (!systemAttributeNames.includes(name)) throw invalidAttributeName(`Unknown Attribute ${name.slice(0, 256)}.`)
  }
}

/** A message as SQS shows it, with what was asked for. */
export function messageOutput(
  message: ReceivedMessage,
  fifo: boolean,
  asked: { readonly system: readonly string[]; readonly attributes: readonly string[] },
  context: AwsContext,
): object {
  const attributes = selected(message.attributes, asked.attributes)
  const system = systemAttributes(message, fifo, context)
  const wanted = Object.entries(system).filter(
    ([name, value]) => value !== undefined && (asked.system.includes('All') || asked.system.includes(name)),
  )
  return {
    MessageId: message.id,
    ReceiptHandle: message.handle,
    MD5OfBody: md5(message.body),
    Body: Buffer.from(message.body.buffer, message.body.byteOffset, message.body.byteLength).toString('utf8'),
    Attributes: wanted.length === 0 ? undefined : Object.fromEntries(wanted),
    MD5OfMessageAttributes: attributes && md5OfAttributes(attributes),
    MessageAttributes: attributes && shown(attributes),
  }
}

function systemAttributes(
  message: ReceivedMessage,
  fifo: boolean,
  context: AwsContext,
): Record<string, string | undefined> {
  return {
    SenderId: context.account,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receives),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    SequenceNumber: fifo ? sequenceNumber(message.sequence) : undefined,
    MessageDeduplicationId: message.deduplicationId,
    MessageGroupId: message.group,
    AWSTraceHeader: message.trace,
    DeadLetterQueueSourceArn: message.source === undefined ? undefined : arnOf(message.source, context),
  }
}
