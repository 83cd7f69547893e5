import { createHash } from 'node:crypto'
import type { BindingRecord } from '../broker/wire/binding.ts'
import type { QueueMessage } from '../broker/wire/queue-description.ts'
import type { MessageAttribute } from '../broker/wire/queue-message.ts'
import { attributesDigested, sequenceNumber } from '../broker/wire/sqs-message.ts'
import { eventBytesMax } from './kinesis-event.ts'

/** A message of a queue as a part of an event. */
export interface QueueItem {
  readonly message: QueueMessage
  readonly text: string
}

/** Makes the events of a queue, as Lambda has them for SQS (docs.aws.amazon.com/lambda, "Using Lambda with Amazon SQS"). */
export class SqsEvents {
  readonly #binding: Pick<BindingRecord, 'source' | 'region' | 'account'>
  readonly #fifo: boolean

  constructor(binding: Pick<BindingRecord, 'source' | 'region' | 'account'>, fifo: boolean) {
    this.#binding = binding
    this.#fifo = fifo
  }

  /** Messages in the order given, in as few events as their size allows. */
  partsOf(messages: readonly QueueMessage[]): QueueItem[][] {
    const parts: QueueItem[][] = []
    let bytes = Number.POSITIVE_INFINITY
    for (const message of messages) {
      const item = { message, text: JSON.stringify(this.#recordOf(message)) }
      const size = Buffer.byteLength(item.text)
      if (bytes + size > eventBytesMax) {
        parts.push([])
        bytes = 0
      }
      bytes += size
      parts.at(-1)?.push(item)
    }
    return parts
  }

  eventOf(items: readonly QueueItem[]): Buffer {
    return Buffer.from(`{"Records":[${items.map(({ text }) => text).join(',')}]}`)
  }

  #recordOf(message: QueueMessage): object {
    const { id, handle, data, attributes = {} } = message
    const { source, region } = this.#binding
    return {
      messageId: id,
      receiptHandle: handle,
      body: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString(),
      attributes: this.#systemAttributesOf(message),
      messageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, attribute]) => [name, attributeOf(attribute)]),
      ),
      ...(Object.keys(attributes).length === 0 ? {} : { md5OfMessageAttributes: md5(attributesDigested(attributes)) }),
      md5OfBody: md5(data),
      eventSource: 'aws:sqs',
      eventSourceARN: source.arn,
      awsRegion: region,
    }
  }

  #systemAttributesOf(message: QueueMessage): Record<string, string> {
    const { region, account } = this.#binding
    const { receives, trace, sentAt, sequence, group, deduplicationId, firstReceivedAt, source } = message
    return {
      ApproximateReceiveCount: `${receives}`,
      ...(trace === undefined ? {} : { AWSTraceHeader: trace }),
      SentTimestamp: `${sentAt}`,
      ...(this.#fifo ? { SequenceNumber: sequenceNumber(sequence) } : {}),
      ...(group === undefined ? {} : { MessageGroupId: group }),
      SenderId: account,
      ...(deduplicationId === undefined ? {} : { MessageDeduplicationId: deduplicationId }),
      ApproximateFirstReceiveTimestamp: `${firstReceivedAt}`,
      ...(source === undefined ? {} : { DeadLetterQueueSourceArn: `arn:aws:sqs:${region}:${account}:${source}` }),
    }
  }
}

function attributeOf({ type, value }: MessageAttribute): object {
  const given =
    typeof value === 'string' ? { stringValue: value } : { binaryValue: Buffer.from(value).toString('base64') }
  return { ...given, stringListValues: [], binaryListValues: [], dataType: type }
}

function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex')
}
