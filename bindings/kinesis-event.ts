import type { BindingRecord } from '../broker/wire/binding.ts'
import type { StoredRecord } from '../broker/wire/record.ts'
import { SequenceNumbers, type SequenceOwner, shardIdOf } from '../broker/wire/sequence.ts'

/** What an event of 6 MB leaves for its records. */
export const eventBytesMax = 6 * 1024 * 1024 - 64 * 1024

/** A record that waits to be handled. */
export type PendingRecord = StoredRecord

/** How much a record adds to an event: base64, and what is around it. */
export function eventBytesOf({ data, key }: PendingRecord): number {
  return Math.ceil(data.length / 3) * 4 + key.length * 2 + 512
}

/** Makes the events of one shard, as Lambda has them for Kinesis (docs.aws.amazon.com/lambda, "Using Lambda with Kinesis"). */
export class KinesisEvents {
  readonly shardId: string
  readonly #numbers: SequenceNumbers
  readonly #common: string

  constructor({ source, region, account }: BindingRecord, owner: SequenceOwner) {
    this.shardId = shardIdOf(owner.shard)
    this.#numbers = new SequenceNumbers(owner)
    this.#common = JSON.stringify({
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: `arn:aws:iam::${account}:role/millrace`,
      awsRegion: region,
      eventSourceARN: source.arn,
    }).slice(1)
  }

  /** A record's sequence number. */
  numberOf(record: Pick<PendingRecord, 'sequence'>): string {
    return this.#numbers.of(record.sequence)
  }

  /** The event for some records, as JSON; `more` is what it has beside them. */
  eventOf(records: readonly PendingRecord[], more: object = {}): Buffer {
    const members = JSON.stringify(more).slice(1)
    const separator = members === '}' ? '' : ','
    return Buffer.from(
      `{"Records":[${records.map((record) => this.#recordText(record)).join(',')}]${separator}${members}`,
    )
  }

  #recordText(record: PendingRecord): string {
    const { data, key, time } = record
    const number = this.numberOf(record)
    const base64 = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')
    // Put together by hand: for small records JSON.stringify of objects would be most of the work.
    return `{"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":${JSON.stringify(key)},"sequenceNumber":"${number}","data":"${base64}","approximateArrivalTimestamp":${time / 1000}},"eventSource":"aws:kinesis","eventVersion":"1.0","eventID":"${this.shardId}:${number}",${this.#common}`
  }
}
