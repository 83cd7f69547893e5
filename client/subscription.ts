import type { Channel } from '../broker/wire/channel.ts'
import type { Endpoint } from '../broker/wire/endpoint.ts'
import { type ErrorBody, MillraceError } from '../broker/wire/errors.ts'
import { type Frame, FrameSplitter, frameTypes, jsonPayload } from '../broker/wire/frame.ts'
import type { StreamDescription } from '../broker/wire/stream-description.ts'
import { type BackgroundTimer, backgroundTimer } from './background-timer.ts'
import { Backoff } from './backoff.ts'
import { Batch, extentOf } from './batch.ts'

/** Where reading begins, in each shard; shards without a sequence begin at the horizon. */
export type From =
  | 'horizon'
  | 'latest'
  | Date
  | { readonly time: number }
  | { readonly sequences: Readonly<Record<number, number>> }

export interface SubscribeOptions {
  /** Where shards begin for which the consumer has no checkpoint. Default `horizon`, the oldest record kept. */
  readonly from?: From
  /** The name under which the broker keeps checkpoints; reading goes on from them. */
  readonly consumer?: string
  /** Only these shards. Default: all, and those that appear later. */
  readonly shards?: readonly number[]
  /** How often the broker says that nothing is new. Default 10,000. */
  readonly heartbeatMillis?: number
  /** Ends the subscription when it fires; the iteration ends without an error. */
  readonly signal?: AbortSignal
}

/** Bytes received and not yet taken by the loop, above which no more is read: the credit. */
const waitingBytesMax = 1024 * 1024
const frameBytesMax = 32 * 1024 * 1024
/** After so many heartbeats that did not come the connection is given up. */
const missedHeartbeatsMax = 3

/** What a subscription needs to know of its surroundings. */
export interface SubscriptionContext {
  readonly endpoint: Endpoint
  /** `/v1/streams/NAME`. */
  readonly path: string
  /** Whether the broker's time moves by itself, so that its silence means something. */
  readonly realTime: boolean
  readonly checkpoint: (consumer: string, shard: number, next: number) => Promise<void>
  readonly onClose: () => void
}

/**
 * Reads a stream as it grows: `for await (const batch of stream.subscribe())`. Lost connections are mended behind the scenes, without
 * a gap or a repetition. A loop that is slow slows the broker's sending to it, and nothing else.
 */
export class Subscription implements AsyncIterable<Batch>, AsyncDisposable {
  readonly #context: SubscriptionContext
  readonly #options: SubscribeOptions
  readonly #backoff = new Backoff()
  readonly #aborter = new AbortController()
  readonly #heartbeatMillis: number
  #channel: Channel | undefined
  #splitter = new FrameSplitter(frameBytesMax)
  /** For each shard the sequence behind what was received. */
  readonly #positions = new Map<number, number>()
  readonly #finished = new Set<number>()
  /** Where the tip was when `from: latest` was resolved. */
  #tip: Record<number, number> | undefined
  /** Whether anything but positions came: then reading resumes from them. */
  #received = false
  #waiting: Batch[] = []
  #waitingBytes = 0
  #paused = false
  #wakes: (() => void)[] = []
  #watchdog: BackgroundTimer | undefined
  #heardAt = 0
  #error: MillraceError | undefined
  #done = false

  constructor(context: SubscriptionContext, options: SubscribeOptions) {
    this.#context = context
    this.#options = options
    this.#heartbeatMillis = options.heartbeatMillis ?? 10_000
    options.signal?.addEventListener('abort', this.#abort)
    if (options.signal?.aborted) this.#finish()
    else this.#connect()
  }

  /** For each shard the sequence behind the last record received. */
  get positions(): ReadonlyMap<number, number> {
    return this.#positions
  }

  /**
   * The next batch; undefined when the subscription was closed, or all shards that were asked for are read to their end.
   * @throws stream_not_found, unauthorized and other errors that trying again cannot mend
   */
  async next(): Promise<Batch | undefined> {
    for (;;) {
      const batch = this.#waiting.shift()
      if (batch !== undefined) {
        this.#waitingBytes -= batch.bytes
        if (this.#paused && this.#waitingBytes < waitingBytesMax / 2) this.#readOn()
        return batch
      }
      if (this.#error !== undefined) throw this.#error
      if (this.#done) return undefined
      await new Promise<void>((resolve) => this.#wakes.push(resolve))
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Batch> {
    try {
      for (let batch = await this.next(); batch !== undefined; batch = await this.next()) yield batch
    } finally {
      await this.close()
    }
  }

  /** Ends it; what was received and not taken is dropped. */
  async close(): Promise<void> {
    this.#waiting = []
    this.#finish()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  readonly #abort = () => {
    this.#waiting = []
    this.#finish()
  }

  #connect(): void {
    this.#open().catch((error: unknown) => this.#lost(MillraceError.wrap(error)))
  }

  async #open(): Promise<void> {
    const { shards } = this.#options
    const body = {
      ...(await this.#start()),
      heartbeatMillis: this.#heartbeatMillis,
      ...(shards === undefined ? {} : { shards }),
    }
    if (this.#done) return
    this.#splitter = new FrameSplitter(frameBytesMax)
    const channel = this.#context.endpoint.open(`${this.#context.path}/subscribe`, body)
    this.#channel = channel
    this.#paused = false
    channel.listen({
      data: (chunk) => this.#receive(channel, chunk),
      end: () => undefined,
      drain: () => undefined,
      closed: (error) => {
        if (channel === this.#channel) this.#lost(error)
      },
    })
    channel.resume()
    this.#heardAt = Date.now()
    this.#watch()
  }

  /** Where to begin: at first what was asked for, later behind what was received. */
  async #start(): Promise<Record<string, unknown>> {
    const { from = 'horizon', consumer } = this.#options
    if (this.#received) return { from: { sequences: Object.fromEntries(this.#positions) } }
    this.#positions.clear()
    const named = consumer === undefined ? {} : { consumer }
    if (from instanceof Date) return { from: { time: from.getTime() }, ...named }
    if (from !== 'latest') return { from, ...named }
    // The tip is where it is now: a connection that breaks at once must not move it.
    return { from: { sequences: await this.#tips() }, ...named }
  }

  async #tips(): Promise<Record<number, number>> {
    if (this.#tip === undefined) {
      const call = { method: 'GET', path: this.#context.path, signal: this.#aborter.signal } as const
      const { shards } = (await this.#context.endpoint.call(call)) as StreamDescription
      this.#tip = Object.fromEntries(shards.map(({ shard, next }) => [shard, next]))
    }
    return this.#tip
  }

  #receive(channel: Channel, chunk: Uint8Array): void {
    if (channel !== this.#channel) return
    this.#heardAt = Date.now()
    try {
      for (const frame of this.#splitter.push(chunk)) this.#take(frame)
    } catch (error) {
      this.#lost(MillraceError.wrap(error))
    }
  }

  #take({ type, shard, payload }: Frame): void {
    if (type === frameTypes.position) {
      const { sequence } = jsonPayload(payload) as { sequence: number }
      this.#positions.set(shard, Math.max(sequence, this.#positions.get(shard) ?? 0))
      return
    }
    this.#received = true
    if (type === frameTypes.blocks) this.#arrived(shard, payload)
    else if (type === frameTypes.shardEnd) this.#shardEnded(shard)
    else if (type === frameTypes.heartbeat) this.#backoff.reset()
    else if (type === frameTypes.error) throw MillraceError.from(jsonPayload(payload) as Partial<ErrorBody>)
  }

  #arrived(shard: number, blocks: Uint8Array): void {
    const extent = extentOf(blocks, this.#positions.get(shard) ?? 0)
    if (extent === undefined) return
    this.#positions.set(shard, extent.next)
    this.#backoff.reset()
    if (this.#isTooEarly(extent.time)) return
    this.#waiting.push(new Batch(shard, extent, blocks, (next) => this.#checkpoint(shard, next)))
    this.#waitingBytes += blocks.length
    if (!this.#paused && this.#waitingBytes >= waitingBytesMax) {
      this.#paused = true
      this.#channel?.pause()
    }
    this.#wakeUp()
  }

  /** A shard that appeared while the connection was lost is read from its horizon, which may lie before the time asked for. */
  #isTooEarly(time: number): boolean {
    const { from } = this.#options
    if (typeof from !== 'object') return false
    if (from instanceof Date) return time < from.getTime()
    return 'time' in from && time < from.time
  }

  #shardEnded(shard: number): void {
    this.#finished.add(shard)
    const { shards } = this.#options
    if (shards?.every((each) => this.#finished.has(each))) this.#finish()
  }

  #checkpoint(shard: number, next: number): Promise<void> {
    const { consumer } = this.#options
    if (consumer !== undefined) return this.#context.checkpoint(consumer, shard, next)
    const reason = 'A subscription without a consumer name has no checkpoints; give subscribe() a `consumer`.'
    return Promise.reject(new MillraceError('bad_request', { reason }))
  }

  /** The connection is gone: opens another after a while, unless that cannot help. */
  #lost(error: MillraceError | undefined): void {
    if (this.#done) return
    const channel = this.#channel
    this.#channel = undefined
    channel?.destroy()
    this.#watchdog?.cancel()
    // `cancelled` is what the broker says to a reader that took nothing for too long, or what our own destroy says.
    if (error !== undefined && !error.retryable && error.code !== 'cancelled') {
      this.#error = error
      this.#finish()
      return
    }
    this.#backoff.wait(this.#aborter.signal).then(() => {
      if (!this.#done) this.#connect()
    })
  }

  #readOn(): void {
    this.#paused = false
    this.#heardAt = Date.now()
    this.#channel?.resume()
  }

  #watch(): void {
    this.#watchdog?.cancel()
    if (!this.#context.realTime) return
    const patience = this.#heartbeatMillis * missedHeartbeatsMax
    this.#watchdog = backgroundTimer(this.#heartbeatMillis, () => {
      if (this.#done || this.#channel === undefined) return
      if (this.#paused || Date.now() - this.#heardAt < patience) this.#watch()
      else this.#lost(new MillraceError('unavailable', { url: 'the broker', reason: 'no heartbeat came' }))
    })
  }

  #wakeUp(): void {
    for (const wake of this.#wakes.splice(0)) wake()
  }

  #finish(): void {
    if (!this.#done) {
      this.#done = true
      this.#aborter.abort()
      this.#watchdog?.cancel()
      this.#options.signal?.removeEventListener('abort', this.#abort)
      const channel = this.#channel
      this.#channel = undefined
      channel?.destroy()
      this.#context.onClose()
    }
    this.#wakeUp()
  }
}
