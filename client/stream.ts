import { MillraceError } from '../broker/wire/errors.ts'
import type { ConsumerDescription, StreamDescription } from '../broker/wire/stream-description.ts'
import { ConsumedRecord } from './batch.ts'
import type { Connection } from './connection.ts'
import { Group, type GroupOptions } from './group.ts'
import { Producer, type ProducerOptions, type PutRecord } from './producer.ts'
import type { PutResult } from './put-sinks.ts'
import { type SubscribeOptions, Subscription } from './subscription.ts'

export interface CreateStreamOptions {
  /** Default 1. */
  readonly shards?: number
  /** How long records are kept. Default 24 hours. */
  readonly retentionMillis?: number
  /** Key and data of one record. Default 1 MiB, at most 10 MiB. */
  readonly recordBytesMax?: number
  /** Take a stream of this name as it is, where there is one. Default false: `stream_exists`. */
  readonly ifMissing?: boolean
}

export interface ReadOptions {
  readonly shard: number
  /** Default `horizon`. */
  readonly from?: 'horizon' | 'latest' | number | Date
  /** Records at most. Default 100. */
  readonly limit?: number
}

export interface ReadPage {
  readonly records: readonly ConsumedRecord[]
  /** The sequence to read on from. */
  readonly next: number
  /** How far behind the newest record this page ends; 0 when there is no more. */
  readonly behindMillis: number
  /** Present when the shard is closed and read to its end. */
  readonly children?: readonly number[]
}

/** A stream of a broker, by name; nothing is sent until something is asked of it. */
export class StreamHandle {
  readonly name: string
  readonly #connection: Connection
  readonly #path: string
  #producer: Producer | undefined

  constructor(connection: Connection, name: string) {
    this.#connection = connection
    this.name = name
    this.#path = `/v1/streams/${encodeURIComponent(name)}`
  }

  /**
   * Creates it.
   * @throws stream_exists, limit_exceeded, invalid_field
   */
  async create({ ifMissing = false, ...body }: CreateStreamOptions = {}): Promise<StreamDescription> {
    try {
      return await this.#call<StreamDescription>('PUT', '', body)
    } catch (error) {
      if (ifMissing && error instanceof MillraceError && error.code === 'stream_exists') return this.describe()
      throw error
    }
  }

  /** @throws stream_not_found, as everything that follows does */
  describe(): Promise<StreamDescription> {
    return this.#call('GET', '')
  }

  /** Changes retention or the size of records. */
  update(settings: {
    readonly retentionMillis?: number
    readonly recordBytesMax?: number
  }): Promise<StreamDescription> {
    return this.#call('PATCH', '', settings)
  }

  /** Deletes it with all its records and consumers. */
  async delete(): Promise<void> {
    await this.#call('DELETE', '')
  }

  /**
   * Splits a shard in two at a hash key, in the middle of its range by default.
   * @throws shard_not_found, shard_closed, invalid_field
   */
  split(shard: number, { at }: { readonly at?: bigint } = {}): Promise<StreamDescription> {
    return this.#call('POST', '/split', { shard, ...(at === undefined ? {} : { at: `${at}` }) })
  }

  /**
   * Merges two shards whose hash ranges touch.
   * @throws shard_not_found, shard_closed, not_adjacent
   */
  merge(shard: number, other: number): Promise<StreamDescription> {
    return this.#call('POST', '/merge', { shard, with: other })
  }

  /** Puts one record, through a producer that all puts on this handle share; see Producer.put. */
  put(record: PutRecord): Promise<PutResult> {
    this.#producer ??= this.producer()
    return this.#producer.put(record)
  }

  /** A producer of its own, with its own connection. Close it when done. */
  producer(options: ProducerOptions = {}): Producer {
    const connection = this.#connection
    const producer: Producer = new Producer(connection.endpoint, this.#path, options, () => connection.remove(producer))
    return connection.add(producer)
  }

  /** Reads the stream as it grows. */
  subscribe(options: SubscribeOptions = {}): Subscription {
    const connection = this.#connection
    const context = {
      endpoint: connection.endpoint,
      path: this.#path,
      realTime: connection.realTime,
      checkpoint: (consumer: string, shard: number, next: number) => this.checkpoint(consumer, { [shard]: next }),
      onClose: () => connection.remove(subscription),
    }
    const subscription: Subscription = new Subscription(context, options)
    return connection.add(subscription)
  }

  /** A member of a consumer group: `group('billing').run(async (record) => …)`. */
  group(name: string, options: GroupOptions = {}): Group {
    const connection = this.#connection
    const context = {
      endpoint: connection.endpoint,
      path: this.#path,
      name,
      realTime: connection.realTime,
      read: (shard: number, from: number) =>
        this.subscribe({ shards: [shard], from: { sequences: { [shard]: from } } }),
      checkpoint: (shard: number, next: number, fence: number, member: string) =>
        this.#checkpoint(name, { shards: { [shard]: { next, fence } }, member }),
      onClose: () => connection.remove(group),
    }
    const group: Group = new Group(context, options)
    return connection.add(group)
  }

  /** One page of a shard's records; to read a stream as it grows, subscribe. */
  async read({ shard, from = 'horizon', limit }: ReadOptions): Promise<ReadPage> {
    const query = {
      shard: `${shard}`,
      from: from instanceof Date ? from.toISOString() : `${from}`,
      ...(limit === undefined ? {} : { limit: `${limit}` }),
    }
    const page = await this.#call<ReadPage>('GET', '/records', undefined, query)
    return {
      ...page,
      records: page.records.map((record) => new ConsumedRecord(shard, { ...record, headers: record.headers ?? {} })),
    }
  }

  /** All consumers with checkpoints, and their lag. */
  async consumers(): Promise<readonly ConsumerDescription[]> {
    return (await this.#call<{ consumers: ConsumerDescription[] }>('GET', '/consumers')).consumers
  }

  /** @throws consumer_not_found */
  consumer(name: string): Promise<ConsumerDescription> {
    return this.#call('GET', `/consumers/${encodeURIComponent(name)}`)
  }

  /** Forgets a consumer's checkpoints. */
  async deleteConsumer(name: string): Promise<void> {
    await this.#call('DELETE', `/consumers/${encodeURIComponent(name)}`)
  }

  /** Sets a consumer's checkpoints: for each shard the sequence to read next. Resolves when that is durable. */
  checkpoint(consumer: string, shards: Readonly<Record<number, number>>): Promise<void> {
    const entries = Object.entries(shards).map(([shard, next]) => [shard, { next }])
    return this.#checkpoint(consumer, { shards: Object.fromEntries(entries) })
  }

  async #checkpoint(consumer: string, body: unknown): Promise<void> {
    await this.#call('POST', `/consumers/${encodeURIComponent(consumer)}/checkpoints`, body)
  }

  async #call<T>(
    method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE',
    suffix: string,
    body?: unknown,
    query?: Readonly<Record<string, string>>,
  ): Promise<T> {
    const call = { method, path: this.#path + suffix, body, ...(query === undefined ? {} : { query }) }
    return (await this.#connection.endpoint.call(call)) as T
  }
}
