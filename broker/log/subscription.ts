import type { Timer } from '../clock.ts'
import { MillraceError } from '../wire/errors.ts'
import type { Cursor } from './cursor.ts'
import type { Log } from './log.ts'
import type { Logs } from './logs.ts'
import type { Shard, TailListener } from './shard.ts'
import type { TailRun } from './tail.ts'

/**
 * Where what a subscription reads goes, and in which form. The first four say whether more is taken: after a false, nothing comes until
 * `resume` is called, but for what ends it.
 */
export interface SubscriptionSink {
  /** Reading of `shard` begins at `sequence`. */
  begins(shard: Shard, sequence: number): boolean
  /** Whole frames of one shard: all records from sequence `from` to `cursor`'s position. Shared with others: not to be changed. */
  records(frames: Uint8Array, from: number, cursor: Cursor, live: boolean): boolean
  /** Nothing came for a while; `cursors` are where the readers are. */
  idle(cursors: readonly Cursor[]): boolean
  /** A closed shard was read to its end. */
  shardEnd(shard: Shard): boolean
  /** The broker is going away; `end` follows. */
  drain(): void
  /** It ends because of an error; `end` follows. */
  fail(error: MillraceError): void
  /** Nothing more will come. */
  end(): void
}

export interface SubscriptionStart {
  readonly shard: Shard
  readonly position: number
}

export interface SubscriptionOptions {
  readonly starts: readonly SubscriptionStart[]
  /** Whether shards that appear later, children of what is read, are read too. */
  readonly follow: boolean
  readonly heartbeatMillis: number
}

/**
 * One consumer's reading of a log. It has two states and no queue: LIVE, when every run is handed on, as the one buffer all
 * consumers share, in the turn it became durable; and CATCHING UP, when it reads on from its own position as fast as the sink
 * takes it. A sink that stalls costs its positions and nothing else.
 */
export class Subscription {
  readonly #logs: Logs
  readonly #log: Log
  readonly #options: SubscriptionOptions
  readonly #sink: SubscriptionSink
  readonly #followers = new Map<number, Follower>()
  /** Shards with something to read now, in turn. */
  #ready: Follower[] = []
  #blocked = false
  #blockedTicks = 0
  #reading = false
  #ended = false
  #wrote = false
  #heartbeat: Timer | undefined
  readonly #watch = (children: readonly Shard[]) => this.#takeUp(children)

  constructor(logs: Logs, log: Log, options: SubscriptionOptions, sink: SubscriptionSink) {
    this.#logs = logs
    this.#log = log
    this.#options = options
    this.#sink = sink
    for (const { shard, position } of options.starts) this.#add(shard, position)
    if (options.follow) log.watchers.add(this.#watch)
    this.#beat()
    for (const follower of this.#followers.values()) this.#begin(follower)
    this.#pump()
  }

  /** The sink takes more. */
  resume(): void {
    this.#blocked = false
    this.#blockedTicks = 0
    this.#pump()
  }

  /** Ends it politely: the consumer is told that the broker is going away. */
  drain(): void {
    this.#finish(() => this.#sink.drain())
  }

  /** Ends it because of an error. */
  fail(error: MillraceError): void {
    this.#finish(() => this.#sink.fail(error))
  }

  /** Lets go of everything; the sink is not touched any more. */
  close(): void {
    this.#ended = true
    this.#heartbeat?.cancel()
    this.#log.watchers.delete(this.#watch)
    for (const follower of this.#followers.values()) follower.cursor.shard.listeners.delete(follower)
    this.#followers.clear()
    this.#ready = []
  }

  /** A run became durable: hands it on at once if this reader is right behind it, else notes that there is more to read. */
  appended(follower: Follower, run: TailRun): void {
    // Whoever is woken reads on at once and may wait again before all listeners of the run were told.
    if (follower.cursor.position >= run.next) return
    if (!this.#blocked && !this.#reading && this.#ready.length === 0 && follower.cursor.position === run.base) {
      follower.cursor.position = run.next
      this.#deliver(run.frame, run.base, follower.cursor, true)
      return
    }
    this.#wake(follower)
  }

  /** A shard at whose end a follower waits was closed or deleted. */
  closed(follower: Follower): void {
    if (follower.cursor.shard.deleted) this.fail(new MillraceError('stream_not_found', { stream: this.#log.name }))
    else this.#wake(follower)
  }

  #wake(follower: Follower): void {
    follower.cursor.shard.listeners.delete(follower)
    this.#ready.push(follower)
    this.#pump()
  }

  #add(shard: Shard, position: number): Follower {
    const follower = new Follower(this, this.#logs.cursor(shard, position))
    this.#followers.set(shard.number, follower)
    return follower
  }

  /** Starts reading a shard, unless a parent of it is still being read: then the parent's end starts it. */
  #begin(follower: Follower): void {
    const { shard, position } = follower.cursor
    if (follower.begun || shard.parents.some((parent) => this.#followers.get(parent)?.finished === false)) return
    follower.begun = true
    this.#took(this.#sink.begins(shard, position))
    this.#ready.push(follower)
  }

  #takeUp(children: readonly Shard[]): void {
    for (const shard of children) {
      const follows = shard.parents.some((parent) => this.#followers.has(parent))
      if (follows && !this.#followers.has(shard.number)) this.#begin(this.#add(shard, shard.first))
    }
  }

  /** Reads on, shard by shard in turn, while there is something to read and the sink takes it. */
  #pump(): void {
    while (!this.#blocked && !this.#reading && !this.#ended) {
      const follower = this.#ready.shift()
      if (follower === undefined) return
      const { cursor } = follower
      const from = cursor.position
      const frame = cursor.live()
      if (frame !== undefined) {
        this.#deliver(frame, from, cursor, true)
        this.#ready.push(follower)
      } else if (cursor.atEnd) {
        this.#settle(follower)
      } else {
        this.#read(follower)
      }
    }
  }

  /** A shard is read to its end for now: waits there, or if it was closed, is done with it. */
  #settle(follower: Follower): void {
    const { shard } = follower.cursor
    if (shard.deleted) {
      this.closed(follower)
      return
    }
    if (!follower.cursor.finished) {
      shard.listeners.add(follower)
      return
    }
    follower.finished = true
    this.#wrote = true
    this.#took(this.#sink.shardEnd(shard))
    for (const child of shard.children) {
      const next = this.#followers.get(child)
      if (next !== undefined) this.#begin(next)
    }
  }

  #read(follower: Follower): void {
    this.#reading = true
    const from = follower.cursor.position
    const { limits, reads } = this.#logs
    follower.cursor.read(limits.readBytesMax, reads).then(
      (frames) => {
        this.#reading = false
        if (this.#ended) return
        if (frames !== undefined) this.#deliver(frames, from, follower.cursor, false)
        this.#ready.push(follower)
        this.#pump()
      },
      (error: unknown) => {
        this.#reading = false
        this.fail(MillraceError.wrap(error))
      },
    )
  }

  #deliver(frames: Uint8Array, from: number, cursor: Cursor, live: boolean): void {
    if (this.#ended) return
    this.#wrote = true
    this.#took(this.#sink.records(frames, from, cursor, live))
  }

  #took(more: boolean): void {
    if (!more) this.#blocked = true
  }

  #finish(last: () => void): void {
    if (this.#ended) return
    last()
    this.close()
    this.#sink.end()
  }

  #beat(): void {
    this.#heartbeat = this.#logs.clock.after(this.#options.heartbeatMillis, () => {
      if (this.#ended) return
      if (this.#blocked) this.#blockedTicks++
      else if (!this.#wrote) this.#took(this.#sink.idle(this.#cursors()))
      this.#wrote = false
      if (this.#blockedTicks * this.#options.heartbeatMillis >= this.#logs.limits.stallMillisMax) {
        this.fail(new MillraceError('cancelled', { what: 'A subscription that took nothing for too long' }))
        return
      }
      this.#beat()
    })
  }

  /** Of the shards that are being read. */
  #cursors(): Cursor[] {
    return [...this.#followers.values()].filter((each) => each.begun && !each.finished).map((each) => each.cursor)
  }
}

/** A subscription's place in one shard. */
class Follower implements TailListener {
  readonly cursor: Cursor
  begun = false
  finished = false
  readonly #subscription: Subscription

  constructor(subscription: Subscription, cursor: Cursor) {
    this.#subscription = subscription
    this.cursor = cursor
  }

  appended(run: TailRun): void {
    this.#subscription.appended(this, run)
  }

  closed(): void {
    this.#subscription.closed(this)
  }
}
