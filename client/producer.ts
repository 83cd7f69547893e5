import type { Endpoint } from '../broker/wire/endpoint.ts'
import { MillraceError } from '../broker/wire/errors.ts'
import { hashKeyMax } from '../broker/wire/hash-range.ts'
import { partitionKeyBytesMax } from '../broker/wire/record.ts'
import { ListPut, type PutResult, type PutSink, SinglePut } from './put-sinks.ts'
import { Sender } from './sender.ts'
import type { OutgoingRecord } from './shard-outbox.ts'

/** A record to put. */
export interface PutRecord {
  /** The partition key, 1 to 1,024 bytes: records with the same key stay in order. */
  readonly key: string
  /** Text is sent as UTF-8. */
  readonly data: Uint8Array | string
  readonly headers?: Readonly<Record<string, string>>
  /** Goes to the shard that owns this hash key, whatever the partition key hashes to. */
  readonly hashKey?: bigint
}

export interface ProducerOptions {
  /** How long a record may wait for others to travel with, in milliseconds. Default 0: what is put in one turn of the event loop. */
  readonly lingerMs?: number
  /** A block is sent when it has reached this size. Default 256 KiB. */
  readonly blockBytes?: number
  /** Unacknowledged bytes above which `ready` waits; put() refuses at four times as much. Default 32 MiB. */
  readonly inFlightBytesMax?: number
  /** How long a record is tried again while the broker cannot take it. Default 60,000. */
  readonly retryMillisMax?: number
}

const encoder = new TextEncoder()

/**
 * Puts records on one stream. Records of one turn (or of `lingerMs`) and one shard travel in one block; while blocks are under way, more
 * gather for the next one. Retries, over lost connections and resharding, neither duplicate nor reorder.
 */
export class Producer implements AsyncDisposable {
  readonly #sender: Sender
  readonly #inFlightBytesMax: number
  readonly #onClose: () => void
  #unsettled = 0
  #bytes = 0
  #ready: (() => void)[] = []
  #idle: (() => void)[] = []
  #closing: Promise<void> | undefined

  constructor(endpoint: Endpoint, path: string, options: ProducerOptions, onClose: () => void) {
    this.#sender = new Sender({
      endpoint,
      path,
      lingerMs: options.lingerMs ?? 0,
      blockBytes: options.blockBytes ?? 256 * 1024,
      retryMillisMax: options.retryMillisMax ?? 60_000,
      settled: (records, bytes) => this.#settled(records, bytes),
    })
    this.#inFlightBytesMax = options.inFlightBytesMax ?? 32 * 1024 * 1024
    this.#onClose = onClose
  }

  /**
   * Puts one record; resolves when it is on the broker's disk.
   * @throws invalid_field, record_too_large (at once); stream_not_found; throttled when `ready` was not awaited for far too long;
   *   unavailable, store_full, store_failed when that lasted for `retryMillisMax`; cancelled after `close`
   */
  put(record: PutRecord): Promise<PutResult> {
    return new Promise((resolve, reject) => this.#put(record, new SinglePut(resolve, reject), 0))
  }

  /**
   * Puts records, in this order; resolves when all are on the broker's disk, with where each one is. For bulk: it costs less than a promise
   * for each. Each record is stored or not by itself: when this rejects, with the first error once all are settled, others may be stored.
   * @throws what `put` does
   */
  putAll(records: readonly PutRecord[]): Promise<readonly PutResult[]> {
    return new Promise((resolve, reject) => {
      const sink = new ListPut(records.length, resolve, reject)
      for (let place = 0; place < records.length; place++) this.#put(records[place] as PutRecord, sink, place)
    })
  }

  /** Resolves when there is room for more: await it before put() where puts are not awaited one by one. */
  ready(): Promise<void> {
    if (this.#bytes < this.#inFlightBytesMax) return Promise.resolve()
    return new Promise((resolve) => this.#ready.push(resolve))
  }

  /** Sends what waits, and resolves when all that was put is settled, stored or not. */
  flush(): Promise<void> {
    this.#sender.flush()
    if (this.#unsettled === 0) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  /** Takes no more, waits for what was put, and ends the session. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Drops everything at once; what is unsettled fails, and may be stored or not. */
  destroy(): void {
    this.#closing ??= Promise.resolve()
    this.#onClose()
    this.#sender.destroy(new MillraceError('cancelled', { what: 'The producer' }))
  }

  async #close(): Promise<void> {
    await this.flush()
    this.#onClose()
    this.#sender.end()
  }

  #refusal({ key, hashKey }: PutRecord, data: Uint8Array): MillraceError | undefined {
    if (this.#closing !== undefined) return new MillraceError('cancelled', { what: 'The producer' })
    if (typeof key !== 'string' || key.length === 0 || key.length > partitionKeyBytesMax || tooLong(key)) {
      return new MillraceError('invalid_field', {
        field: 'key',
        reason: `must be 1 to ${partitionKeyBytesMax} bytes long`,
      })
    }
    if (!(data instanceof Uint8Array)) {
      return new MillraceError('invalid_field', { field: 'data', reason: 'must be a Uint8Array or a string' })
    }
    if (hashKey !== undefined && (hashKey < 0n || hashKey > hashKeyMax)) {
      return new MillraceError('invalid_field', { field: 'hashKey', reason: 'must be below 2^128' })
    }
    if (this.#bytes <= 4 * this.#inFlightBytesMax) return undefined
    return new MillraceError('throttled', { bytes: this.#bytes, limit: 4 * this.#inFlightBytesMax })
  }

  #put(record: PutRecord, sink: PutSink, place: number): void {
    const data = typeof record.data === 'string' ? encoder.encode(record.data) : record.data
    const refusal = this.#refusal(record, data)
    if (refusal !== undefined) {
      sink.failed(place, refusal)
      return
    }
    this.#unsettled++
    this.#bytes += data.length
    this.#sender.take(outgoing(record, data, sink, place))
  }

  #settled(records: number, bytes: number): void {
    this.#unsettled -= records
    this.#bytes -= bytes
    if (this.#bytes < this.#inFlightBytesMax) for (const resolve of this.#ready.splice(0)) resolve()
    if (this.#unsettled === 0) for (const resolve of this.#idle.splice(0)) resolve()
  }
}

function outgoing(
  { key, headers, hashKey }: PutRecord,
  data: Uint8Array,
  sink: PutSink,
  place: number,
): OutgoingRecord {
  return headers === undefined ? { key, data, hashKey, sink, place } : { key, data, headers, hashKey, sink, place }
}

function tooLong(key: string): boolean {
  return key.length * 3 > partitionKeyBytesMax && encoder.encode(key).length > partitionKeyBytesMax
}
