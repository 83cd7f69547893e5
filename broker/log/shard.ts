import type { BlockHeader } from '../wire/block.ts'
import { MillraceError } from '../wire/errors.ts'
import type { HashRange } from '../wire/hash-range.ts'
import { GrowingEntryTable } from './entry-table.ts'
import { ProducerWindows, type WindowLimits } from './producer-windows.ts'
import type { SegmentHead } from './segment-index.ts'
import { ShardTail, type TailRun } from './tail.ts'

/** Hears what became of a block. Exactly one of the two is called, once. */
export interface Settlement {
  /** The block is on disk: its first record has `baseSequence`. */
  committed(baseSequence: number, appendTime: number): void
  /** The block is not stored. */
  failed(error: MillraceError): void
}

/** A block that waits for its commit. */
export interface PendingBlock {
  readonly block: Uint8Array
  readonly header: BlockHeader
  settlement: Settlement
  /** Its place in the committer's line: the bytes that had arrived with it. The committer sets it. */
  place?: number
}

/** Somebody who waits at a shard's end. */
export interface TailListener {
  /** A run became durable right behind what was there. */
  appended(run: TailRun): void
  /** The shard was closed; its end is known now. */
  closed(): void
}

/** What the catalog keeps of a shard. */
export interface ShardRecord {
  readonly shard: number
  readonly parents: readonly number[]
  readonly start: string
  readonly end: string
  readonly createdAt: number
  readonly closedAt?: number
}

/** What a sealed segment holds of a shard, and which segment that is. */
export interface SealedPlace extends SegmentHead {
  readonly segment: number
}

/** One shard of a log: its place in the hash space, its positions, and where its runs are. */
export class Shard {
  readonly stream: number
  readonly streamName: string
  readonly number: number
  readonly parents: readonly number[]
  readonly children: number[] = []
  readonly range: HashRange
  readonly createdAt: number
  closedAt: number | undefined
  /** The oldest sequence kept. */
  first = 0
  /** The sequence behind the last durable record: the durable mark. */
  next = 0
  /** Append time of the last durable record. */
  lastTime = 0
  /** Bytes of its runs in the open segment. */
  openBytes = 0
  /** What sealed segments hold of it, oldest first. */
  sealed: SealedPlace[] = []
  /** What the open segment holds of it. */
  entries = new GrowingEntryTable()
  readonly tail = new ShardTail()
  readonly producers: ProducerWindows
  /** Blocks not yet durable, in order: first those of the commit under way. */
  pending: PendingBlock[] = []
  /** How many of `pending` are in the commit under way. */
  committing = 0
  /** Blocks that came while the shard is being split or merged; undefined when it is not. */
  #deferred: PendingBlock[] | undefined
  #drained: (() => void)[] = []
  #decided: (() => void)[] = []
  /** Set when its stream was deleted. */
  deleted = false
  readonly listeners = new Set<TailListener>()

  constructor(log: { number: number; name: string }, record: ShardRecord, limits: WindowLimits) {
    this.stream = log.number
    this.streamName = log.name
    this.number = record.shard
    this.parents = record.parents
    this.range = { start: BigInt(record.start), end: BigInt(record.end) }
    this.createdAt = record.createdAt
    this.closedAt = record.closedAt
    this.producers = new ProducerWindows(limits)
  }

  get open(): boolean {
    return this.closedAt === undefined
  }

  /**
   * Whether a block that arrives is dealt with here, so that it is not to be appended. While the shard is being closed blocks are
   * kept back, so that whoever is refused finds the children already there; a closed shard still knows what it stored.
   */
  refuse(pending: PendingBlock): boolean {
    if (this.#deferred !== undefined) {
      this.#deferred.push(pending)
      return true
    }
    if (this.deleted) {
      pending.settlement.failed(new MillraceError('stream_not_found', { stream: this.streamName }))
      return true
    }
    if (this.open) return false
    const { producerId, producerSequence } = pending.header
    const known = this.producers.find(producerId, producerSequence)
    if (known !== undefined) pending.settlement.committed(known.base, known.time)
    else pending.settlement.failed(this.closedError())
    return true
  }

  /** Why nothing can be appended now; undefined when it can. */
  refusal(): MillraceError | undefined {
    if (this.deleted) return new MillraceError('stream_not_found', { stream: this.streamName })
    return this.open && this.#deferred === undefined ? undefined : this.closedError()
  }

  /** The error for who writes to a closed shard. */
  closedError(): MillraceError {
    return new MillraceError('shard_closed', { stream: this.streamName, shard: this.number })
  }

  /** Begins closing: resolves when all that was taken is durable or failed. */
  async drain(): Promise<void> {
    this.#deferred ??= []
    if (this.pending.length > 0) await new Promise<void>((resolve) => this.#drained.push(resolve))
  }

  /** Resolves when it is not being split or merged: then it is open, or closed and its children are there. */
  async decided(): Promise<void> {
    if (this.#deferred !== undefined) await new Promise<void>((resolve) => this.#decided.push(resolve))
  }

  /** Whether it is being split or merged now. */
  get undecided(): boolean {
    return this.#deferred !== undefined
  }

  /** The committer says that `pending` changed. */
  settled(): void {
    if (this.pending.length === 0) for (const resolve of this.#drained.splice(0)) resolve()
  }

  /** Ends closing, done or not: what was kept back is refused, or goes to `append` if the shard stayed open. */
  resume(append: (pending: PendingBlock) => void): void {
    const deferred = this.#deferred ?? []
    this.#deferred = undefined
    for (const each of deferred) if (!this.refuse(each)) append(each)
    for (const resolve of this.#decided.splice(0)) resolve()
  }

  /** What the catalog keeps of it. */
  record(): ShardRecord {
    const { number: shard, parents, range, createdAt, closedAt } = this
    const open = { shard, parents, start: `${range.start}`, end: `${range.end}`, createdAt }
    return closedAt === undefined ? open : { ...open, closedAt }
  }

  /** What the open segment holds of it, for sealing; undefined when that is nothing. */
  openHead(): SegmentHead | undefined {
    const { entries, stream, number: shard, next, lastTime, openBytes: bytes } = this
    if (entries.count === 0) return undefined
    const { base: first, time: firstTime } = entries.at(0)
    return { stream, shard, first, next, firstTime, lastTime, bytes }
  }
}
