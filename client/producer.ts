import type { Endpoint } from '../broker/wire/endpoint.ts'
import { MillraceError } from '../broker/wire/errors.ts'
import { HashRouter, hashKeyMax, hashOfInteger } from '../broker/wire/hash-range.ts'
import { partitionKeyBytesMax } from '../broker/wire/record.ts'
import type { StreamDescription } from '../broker/wire/stream-description.ts'
import { AppendSession } from './append-session.ts'
import { Backoff } from './backoff.ts'
import { randomId } from './random-id.ts'
import { type OutgoingBlock, type OutgoingRecord, type PutResult, ShardOutbox } from './shard-outbox.ts'
import { endOfTurn } from './turn.ts'

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

/** What the broker remembers of a producer per shard; more blocks under way could not be told from new ones after a lost connection. */
const blocksInFlightMax = 8

const encoder = new TextEncoder()

/**
 * Puts records on one stream. Records of one turn (or of `lingerMs`) and one shard travel in one block; while blocks are under way, more
 * gather for the next one. Retries, over lost connections and resharding, neither duplicate nor reorder.
 */
export class Producer implements AsyncDisposable {
  readonly #endpoint: Endpoint
  readonly #path: string
  readonly #lingerMs: number
  readonly #blockBytes: number
  readonly #inFlightBytesMax: number
  readonly #retryMillisMax: number
  #id = randomId()
  readonly #onClose: () => void
  readonly #backoff = new Backoff()
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
  #unsettled = 0
  #bytes = 0
  #ready: (() => void)[] = []
  #idle: (() => void)[] = []
  #closing: Promise<void> | undefined

  constructor(endpoint: Endpoint, path: string, options: ProducerOptions, onClose: () => void) {
    this.#endpoint = endpoint
    this.#path = path
    this.#lingerMs = options.lingerMs ?? 0
    this.#blockBytes = options.blockBytes ?? 256 * 1024
    this.#inFlightBytesMax = options.inFlightBytesMax ?? 32 * 1024 * 1024
    this.#retryMillisMax = options.retryMillisMax ?? 60_000
    this.#onClose = onClose
  }

  /**
   * Puts one record; resolves when it is on the broker's disk.
   * @throws invalid_field, record_too_large (at once); stream_not_found; throttled when `ready` was not awaited for far too long;
   *   unavailable, store_full, store_failed when that lasted for `retryMillisMax`; cancelled after `close`
   */
  put(record: PutRecord): Promise<PutResult> {
    return new Promise((resolve, reject) => {
      const data = typeof record.data === 'string' ? encoder.encode(record.data) : record.data
      const refusal = this.#refusal(record, data)
      if (refusal !== undefined) reject(refusal)
      else this.#take(outgoing(record, data, resolve, reject))
    })
  }

  /** Resolves when there is room for more: await it before put() where puts are not awaited one by one. */
  ready(): Promise<void> {
    if (this.#bytes < this.#inFlightBytesMax) return Promise.resolve()
    return new Promise((resolve) => this.#ready.push(resolve))
  }

  /** Sends what waits, and resolves when all that was put is settled, stored or not. */
  flush(): Promise<void> {
    this.#flush()
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
    this.#failAll(new MillraceError('cancelled', { what: 'The producer' }))
    this.#session?.destroy()
  }

  async #close(): Promise<void> {
    await this.flush()
    this.#onClose()
    this.#session?.end()
    this.#session = undefined
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

  #take(record: OutgoingRecord): void {
    this.#unsettled++
    this.#bytes += record.data.length
    if (this.#router !== undefined) this.#add(record, this.#router)
    else {
      this.#early.push({ ...record, data: record.data.slice() })
      if (this.#early.length === 1) this.#start()
    }
  }

  #add(record: OutgoingRecord, router: HashRouter<ShardOutbox>): void {
    const { key, data, hashKey } = record
    const bytes = data.length + key.length
    if (bytes > this.#recordBytesMax) {
      this.#fail(record, new MillraceError('record_too_large', { bytes, limit: this.#recordBytesMax }))
      return
    }
    const outbox = hashKey === undefined ? router.ofKey(key) : router.ofHash(hashOfInteger(hashKey))
    outbox.add(record, this.#blockBytes)
    this.#dirty.add(outbox)
    if (outbox.blocks.length > outbox.inFlight && this.#lingerMs > 0) this.#flush()
    else this.#scheduleFlush()
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled) return
    this.#flushScheduled = true
    if (this.#lingerMs > 0) setTimeout(this.#scheduled, this.#lingerMs)
    else endOfTurn(this.#scheduled)
  }

  readonly #scheduled = () => {
    this.#flushScheduled = false
    this.#flush()
  }

  #flush(): void {
    for (const outbox of this.#dirty) if (!this.#sendFrom(outbox)) this.#dirty.delete(outbox)
    this.#held = this.#dirty.size > 0
  }

  /** Room was made: what was held back goes, with all that settles in this turn made room for too. */
  #flushHeld(): void {
    this.#held = false
    endOfTurn(() => this.#flush())
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
    const session: AppendSession = new AppendSession(this.#endpoint.open(`${this.#path}/append`), {
      acked: (block, base, time) => this.#acked(block, base, time),
      rejected: (block, error) => this.#rejected(session, block, error),
      drain: () => this.#flush(),
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
    const { shard } = block
    const { resolves } = block
    for (let i = 0; i < resolves.length; i++) resolves[i]?.({ shard, sequence: base + i, time })
    this.#settled(resolves.length, block.dataBytes)
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
    if (this.#unsettled === 0) return
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
    return this.#troubleSince !== undefined && Date.now() - this.#troubleSince > this.#retryMillisMax
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
    this.#flush()
  }

  /** Learns the stream's shards; what was put meanwhile is sent then. */
  #start(): void {
    this.#describe().then(
      (description) => {
        if (this.#early.length === 0) return
        this.#route(description)
        for (const record of this.#early.splice(0)) this.#add(record, this.#router as HashRouter<ShardOutbox>)
        this.#flush()
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

  async #describe(): Promise<StreamDescription> {
    return (await this.#endpoint.call({ method: 'GET', path: this.#path })) as StreamDescription
  }

  /** Takes up a stream's open shards. What is left for others, closed by now, is packed again, in order, for their children. */
  #route({ shards, recordBytesMax }: StreamDescription): void {
    const open = shards.filter(({ status }) => status === 'open')
    const before = this.#outboxes
    this.#outboxes = new Map()
    const owners = open.map(({ shard, hashRange: { start, end } }) => {
      const owner = before.get(shard) ?? new ShardOutbox(shard, this.#id)
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
    for (const reject of block.rejects) reject(error)
    this.#settled(block.rejects.length, block.dataBytes)
  }

  #fail({ reject, data }: OutgoingRecord, error: MillraceError): void {
    reject(error)
    this.#settled(1, data.length)
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
  resolve: OutgoingRecord['resolve'],
  reject: OutgoingRecord['reject'],
): OutgoingRecord {
  return headers === undefined
    ? { key, data, hashKey, resolve, reject }
    : { key, data, headers, hashKey, resolve, reject }
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

function tooLong(key: string): boolean {
  return key.length * 3 > partitionKeyBytesMax && encoder.encode(key).length > partitionKeyBytesMax
}
