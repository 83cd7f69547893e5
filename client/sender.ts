import type { Endpoint } from '../broker/wire/endpoint.ts'
import { MillraceError } from '../broker/wire/errors.ts'
import { HashRouter, hashOfInteger } from '../broker/wire/hash-range.ts'
import type { StreamDescription } from '../broker/wire/stream-description.ts'
import { WriterPool } from '../broker/wire/writer-pool.ts'
import { AppendSession } from './append-session.ts'
import { Backoff } from './backoff.ts'
import { randomId } from './random-id.ts'
import { type OutgoingBlock, type OutgoingRecord, ShardOutbox } from './shard-outbox.ts'
import { endOfTurn } from './turn.ts'

/** What the broker remembers of a producer per shard; more blocks under way could not be told from new ones after a lost connection. */
const blocksInFlightMax = 8

export interface SenderOptions {
  readonly endpoint: Endpoint
  /** `/v1/streams/NAME`. */
  readonly path: string
  readonly lingerMs: number
  readonly blockBytes: number
  readonly retryMillisMax: number
  /** Hears that so many records, with so many bytes of data, were settled, one way or the other. */
  readonly settled: (records: number, bytes: number) => void
}

/**
 * Gets a producer's records to the broker, whatever happens on the way. What fails or is in doubt stops everything: what is under way is
 * awaited, and then all that is left is sent again, in order, by the same numbers, so that the broker knows what it has.
 */
export class Sender {
  readonly #options: SenderOptions
  #id = randomId()
  readonly #backoff = new Backoff()
  readonly #writers = new WriterPool()
  #outboxes = new Map<number, ShardOutbox>()
  #router: HashRouter<ShardOutbox> | undefined
  #recordBytesMax = 0
  /** What was put before the stream's shards were known. */
  #early: OutgoingRecord[] = []
  #dirty = new Set<ShardOutbox>()
  #flushScheduled = false
  /** Something could not be sent for want of room: an answer makes it. */
  #held = false
  #session: AppendSession | undefined
  /** Set while nothing new is sent: what is under way is awaited, then all that is left is sent again. */
  #recovering = false
  #waitingToRecover = false
  #troubleSince: number | undefined
  #trouble: MillraceError | undefined

  constructor(options: SenderOptions) {
    this.#options = options
  }

  /** Takes a record; its bytes are copied. */
  take(record: OutgoingRecord): void {
    if (this.#router !== undefined) this.#add(record, this.#router)
    else {
      this.#early.push({ ...record, data: record.data.slice() })
      if (this.#early.length === 1) this.#start()
    }
  }

  /** Ends the session; nothing must be unsettled. */
  end(): void {
    this.#session?.end()
    this.#session = undefined
  }

  /** Drops everything: what is unsettled fails with `error`, and may be stored or not. */
  destroy(error: MillraceError): void {
    this.#failAll(error)
    this.#session?.destroy()
    this.#session = undefined
  }

  #add(record: OutgoingRecord, router: HashRouter<ShardOutbox>): void {
    const { key, data, hashKey } = record
    const bytes = data.length + key.length
    if (bytes > this.#recordBytesMax) {
      this.#learnLimit()
      this.#fail(record, new MillraceError('record_too_large', { bytes, limit: this.#recordBytesMax }))
      return
    }
    const outbox = hashKey === undefined ? router.ofKey(key) : router.ofHash(hashOfInteger(hashKey))
    try {
      outbox.add(record, this.#options.blockBytes)
    } catch (error) {
      this.#fail(record, MillraceError.wrap(error))
      return
    }
    this.#dirty.add(outbox)
    if (outbox.blocks.length > outbox.inFlight && this.#options.lingerMs > 0) this.flush()
    else this.#scheduleFlush()
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled) return
    this.#flushScheduled = true
    if (this.#options.lingerMs > 0) setTimeout(this.#scheduled, this.#options.lingerMs)
    else endOfTurn(this.#scheduled)
  }

  readonly #scheduled = () => {
    this.#flushScheduled = false
    this.flush()
  }

  /** Sends what waits, as far as may be; what may not goes when answers make room. */
  flush(): void {
    for (const outbox of this.#dirty) if (!this.#sendFrom(outbox)) this.#dirty.delete(outbox)
    this.#held = this.#dirty.size > 0
  }

  /** Room was made: what was held back goes, with all that settles in this turn made room for too. */
  #flushHeld(): void {
    this.#held = false
    endOfTurn(() => this.flush())
  }

  /** Sends what `outbox` has, as far as may be; true when something is left that the next flush has to look at. */
  #sendFrom(outbox: ShardOutbox): boolean {
    if (this.#recovering || this.#router === undefined) return true
    this.#session ??= this.#open()
    while (outbox.inFlight < blocksInFlightMax) {
      if (!this.#session.writable) return true
      if (outbox.blocks.length === outbox.inFlight) outbox.cut()
      const block = outbox.blocks[outbox.inFlight]
      if (block === undefined) return false
      block.sent = true
      outbox.inFlight++
      this.#session.send(block)
    }
    // An ack makes room; the block being filled grows meanwhile.
    return true
  }

  #open(): AppendSession {
    const session: AppendSession = new AppendSession(this.#options.endpoint.open(`${this.#options.path}/append`), {
      acked: (block, base, time) => this.#acked(block, base, time),
      rejected: (block, error) => this.#rejected(session, block, error),
      drain: () => this.flush(),
      ended: (error) => this.#ended(session, error),
    })
    return session
  }

  #acked(block: OutgoingBlock, base: number, time: number): void {
    const outbox = this.#outboxes.get(block.shard)
    if (outbox === undefined) return
    outbox.settled(block)
    this.#troubleSince = undefined
    this.#backoff.reset()
    const { shard, sinks, places } = block
    for (let i = 0; i < sinks.length; i++) sinks[i]?.stored(places[i] as number, shard, base + i, time)
    this.#options.settled(sinks.length, block.dataBytes)
    if (this.#held) this.#flushHeld()
    this.#recoverWhenQuiet()
  }

  #rejected(session: AppendSession, block: OutgoingBlock, error: MillraceError): void {
    block.rejection = error
    if (session !== this.#session) return
    this.#recovering = true
    // What follows a rejected block is refused as out of order; the first reason is the one to tell.
    if (error.code === 'out_of_order') this.#trouble ??= error
    else this.#trouble = error
    this.#recoverWhenQuiet()
  }

  #ended(session: AppendSession, error: MillraceError | undefined): void {
    if (session !== this.#session) return
    this.#session = undefined
    if ([...this.#outboxes.values()].every((outbox) => outbox.empty)) return
    this.#recovering = true
    this.#trouble = error ?? this.#trouble
    this.#recover()
  }

  #recoverWhenQuiet(): void {
    if (this.#recovering && this.#session?.unsettled === 0) this.#recover()
  }

  /** Sends all that is left again, after a while: what failed for good fails, and what was meant for closed shards goes to their children. */
  #recover(): void {
    // A session may end while the wait before sending again is on; then that one opens the next.
    if (this.#waitingToRecover) return
    const trouble = this.#trouble
    this.#trouble = undefined
    this.#troubleSince ??= Date.now()
    if (trouble !== undefined && this.#givesUp(trouble)) {
      this.#failAll(trouble)
      this.#resume()
      return
    }
    this.#waitingToRecover = true
    this.#again().then(
      () => {
        this.#waitingToRecover = false
        this.#resume()
      },
      (error: unknown) => {
        this.#waitingToRecover = false
        this.#trouble = MillraceError.wrap(error)
        this.#recover()
      },
    )
  }

  #givesUp(trouble: MillraceError): boolean {
    const failsForAll = !trouble.retryable && trouble.code !== 'out_of_order' && this.#session === undefined
    return failsForAll || this.#overdue()
  }

  #overdue(): boolean {
    return this.#troubleSince !== undefined && Date.now() - this.#troubleSince > this.#options.retryMillisMax
  }

  async #again(): Promise<void> {
    const moved = [...this.#outboxes.values()].filter((outbox) => outbox.blocks.some(wasMoved))
    const ambiguous = [...this.#outboxes.values()].some((outbox) => outbox.blocks.some(isAmbiguous))
    await this.#backoff.wait()
    const description = moved.length > 0 && !ambiguous ? await this.#describe() : undefined
    for (const outbox of this.#outboxes.values()) {
      for (const { block, error } of outbox.rewind(isFinal)) this.#failBlock(block, error)
    }
    if (description !== undefined) this.#route(description)
  }

  #resume(): void {
    this.#recovering = false
    for (const outbox of this.#outboxes.values()) if (!outbox.empty) this.#dirty.add(outbox)
    this.flush()
  }

  /** Learns the stream's shards; what was put meanwhile is sent then. */
  #start(): void {
    this.#describe().then(
      (description) => {
        if (this.#early.length === 0) return
        this.#route(description)
        for (const record of this.#early.splice(0)) this.#add(record, this.#router as HashRouter<ShardOutbox>)
        this.flush()
      },
      (error: unknown) => this.#startAgain(MillraceError.wrap(error)),
    )
  }

  #startAgain(error: MillraceError): void {
    this.#troubleSince ??= Date.now()
    if (error.retryable && !this.#overdue()) {
      this.#backoff.wait().then(() => this.#start())
      return
    }
    this.#troubleSince = undefined
    this.#failAll(error)
  }

  /** The limit may have been raised since: then the next record that large is let through. */
  #learnLimit(): void {
    this.#describe().then(
      ({ recordBytesMax }) => {
        this.#recordBytesMax = recordBytesMax
      },
      // Whoever put the record hears of the limit that is known; there is nothing to add to that.
      () => undefined,
    )
  }

  async #describe(): Promise<StreamDescription> {
    return (await this.#options.endpoint.call({ method: 'GET', path: this.#options.path })) as StreamDescription
  }

  /** Takes up a stream's open shards. What is left for others, closed by now, is packed again, in order, for their children. */
  #route({ shards, recordBytesMax }: StreamDescription): void {
    const open = shards.filter(({ status }) => status === 'open')
    const before = this.#outboxes
    this.#outboxes = new Map()
    const owners = open.map(({ shard, hashRange: { start, end } }) => {
      const owner = before.get(shard) ?? new ShardOutbox(shard, this.#id, this.#writers)
      before.delete(shard)
      this.#outboxes.set(shard, owner)
      return { owner, range: { start: BigInt(start), end: BigInt(end) } }
    })
    this.#recordBytesMax = recordBytesMax
    const router = new HashRouter(owners)
    this.#router = router
    for (const closed of before.values()) {
      this.#dirty.delete(closed)
      for (const record of closed.unpack()) this.#add(record, router)
    }
  }

  #failBlock(block: OutgoingBlock, error: MillraceError): void {
    for (const [i, sink] of block.sinks.entries()) sink.failed(block.places[i] as number, error)
    this.#options.settled(block.sinks.length, block.dataBytes)
  }

  #fail({ sink, place, data }: OutgoingRecord, error: MillraceError): void {
    sink.failed(place, error)
    this.#options.settled(1, data.length)
  }

  #failAll(error: MillraceError): void {
    for (const record of this.#early.splice(0)) this.#fail(record, error)
    for (const outbox of this.#outboxes.values()) for (const record of outbox.unpack()) this.#fail(record, error)
    // The broker may have stored some of what failed, so its count is unknown: from here on this is another producer.
    this.#id = randomId()
    this.#router = undefined
    this.#outboxes = new Map()
    this.#dirty = new Set()
  }
}

function wasMoved({ rejection }: OutgoingBlock): boolean {
  return rejection?.code === 'shard_closed' || rejection?.code === 'shard_not_found'
}

/** Whether sending it again cannot help. */
function isFinal(error: MillraceError): boolean {
  return !error.retryable && error.code !== 'shard_not_found'
}

/** Whether it may be stored all the same. */
function isAmbiguous({ sent, rejection }: OutgoingBlock): boolean {
  return sent && rejection === undefined
}
