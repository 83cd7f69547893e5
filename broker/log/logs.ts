import type { Clock } from '../clock.ts'
import type { Limits } from '../limits.ts'
import type { Store, TableChange } from '../store/store.ts'
import { MillraceError } from '../wire/errors.ts'
import { hashKeyMax } from '../wire/hash-range.ts'
import { Committer } from './committer.ts'
import { Cursor, type IndexReader } from './cursor.ts'
import { Gatherer } from './gatherer.ts'
import { IndexCache } from './index-cache.ts'
import type { JournalOwner } from './journal.ts'
import { Log, type LogRecord, type LogSettings, logChange, logKey, mergeRecord, splitRecords } from './log.ts'
import { ReadCache } from './read-cache.ts'
import { recover } from './recovery.ts'
import { planResize } from './resize.ts'
import { sealSegment } from './sealing.ts'
import type { Shard, ShardRecord } from './shard.ts'

/** What the logs are built on. */
export interface LogsOptions {
  readonly store: Store
  readonly clock: Clock
  readonly limits: Limits
  /** The modes whose journals are kept here. */
  readonly owners: readonly JournalOwner[]
}

/** All logs of a broker: their life, and the one committer that writes to them. */
export class Logs {
  readonly store: Store
  readonly clock: Clock
  readonly limits: Limits
  readonly owners: readonly JournalOwner[]
  readonly logs = new Map<number, Log>()
  /** Told when shards of a log were split or merged. */
  readonly reshaped = new Set<(log: Log) => void>()
  readonly committer: Committer
  /** For records that come without a block of their own. */
  readonly gatherer: Gatherer
  readonly #indexes: IndexCache
  /** For those who catch up. */
  readonly reads: ReadCache
  /** One for all cursors: a subscription to thousands of shards has thousands of them. */
  readonly #readIndex: IndexReader = (segment) => this.#indexes.get(segment)
  #nextNumber = 1
  #segmentStartedAt: number
  #changing: Promise<unknown> = Promise.resolve()

  private constructor(options: LogsOptions) {
    this.store = options.store
    this.clock = options.clock
    this.limits = options.limits
    this.owners = options.owners
    this.#indexes = new IndexCache(this.store, this.limits.indexCacheBytesMax)
    this.reads = new ReadCache(this.limits.sharedReadBytesMax)
    this.#segmentStartedAt = this.clock.now()
    this.committer = new Committer(this.store, this.clock, this.limits, () => this.#sealWhenDue())
    this.gatherer = new Gatherer(this.committer)
  }

  /**
   * Reads the catalog and the open segment, and hands each owner its snapshot and journal.
   * @throws store_corrupt when what is on disk is damaged
   */
  static async open(options: LogsOptions): Promise<Logs> {
    const logs = new Logs(options)
    for (const { value } of await logs.store.entries('log/')) {
      const record = JSON.parse(new TextDecoder().decode(value)) as LogRecord
      logs.logs.set(record.number, new Log(record, logs.limits))
      logs.#nextNumber = Math.max(logs.#nextNumber, record.number + 1)
    }
    const next = (await logs.store.entries(nextNumberKey))[0]
    if (next !== undefined) logs.#nextNumber = Math.max(logs.#nextNumber, Number(new TextDecoder().decode(next.value)))
    await recover(logs)
    return logs
  }

  /**
   * Creates a log with `shards` shards; `changes` to the catalog are made in the same transaction. `owner` is the number of the
   * mode whose own it is, see LogOwner.
   */
  create(
    name: string,
    shards: number,
    settings: LogSettings,
    changes: (number: number) => readonly TableChange[],
    owner?: number,
  ): Promise<Log> {
    return this.#exclusively(async () => {
      const plain = Log.record(this.#nextNumber, name, shards, this.clock.now(), settings)
      const record = owner === undefined ? plain : { ...plain, owner }
      await this.store.put([logChange(record), ...changes(record.number)])
      this.#nextNumber++
      const log = new Log(record, this.limits)
      this.logs.set(log.number, log)
      return log
    })
  }

  /**
   * Deletes a log; what it holds is freed as its segments expire.
   * @throws stream_not_found when that happened meanwhile
   */
  delete(log: Log, changes: readonly TableChange[]): Promise<void> {
    return this.#exclusively(async () => {
      this.#requireKept(log)
      // What segments still hold of it carries its number, which therefore no other log may ever get.
      const next = { key: nextNumberKey, value: new TextEncoder().encode(String(this.#nextNumber)) }
      await this.store.put([{ key: logKey(log.number), value: undefined }, next, ...changes])
      this.logs.delete(log.number)
      for (const shard of log.shards.values()) {
        shard.deleted = true
        for (const listener of [...shard.listeners]) listener.closed()
      }
    })
  }

  /** Changes a log's settings. */
  configure(log: Log, settings: LogSettings): Promise<void> {
    return this.#exclusively(async () => {
      this.#requireKept(log)
      await this.store.put([logChange(log.record([], settings))])
      log.settings = settings
    })
  }

  /**
   * Splits an open shard at a hash key, in the middle of its range by default.
   * @throws shard_closed, invalid_field
   */
  split(log: Log, shard: Shard, at?: bigint): Promise<void> {
    return this.#exclusively(async () => {
      this.#requireKept(log)
      requireOpen(shard)
      const { start, end } = shard.range
      const key = at ?? start + (end - start + 1n) / 2n
      if (key <= start || key > end || key > hashKeyMax) {
        throw new MillraceError('invalid_field', { field: 'at', reason: `must be above ${start} and at most ${end}` })
      }
      this.#requireRoom(log)
      const now = this.clock.now()
      await this.#replace(log, [shard], splitRecords(shard, key, log.nextShard, now), now)
    })
  }

  /**
   * Merges two open shards whose ranges touch.
   * @throws shard_closed, not_adjacent
   */
  merge(log: Log, shard: Shard, other: Shard): Promise<void> {
    return this.#exclusively(async () => {
      this.#requireKept(log)
      requireOpen(shard)
      requireOpen(other)
      const touches = shard.range.end + 1n === other.range.start || other.range.end + 1n === shard.range.start
      if (!touches)
        throw new MillraceError('not_adjacent', { stream: log.name, shard: shard.number, other: other.number })
      const now = this.clock.now()
      await this.#replace(log, [shard, other], [mergeRecord(shard, other, log.nextShard, now)], now)
    })
  }

  /** Brings the open shards of `log` to `count` of equal width, by splits and merges, all in one change of the catalog. */
  resize(log: Log, count: number): Promise<void> {
    return this.#exclusively(async () => {
      if (count > this.limits.shardsPerStreamMax) {
        throw new MillraceError('limit_exceeded', {
          what: 'The number of shards',
          limit: this.limits.shardsPerStreamMax,
        })
      }
      const now = this.clock.now()
      const { parents, children } = planResize(log, count, now)
      if (parents.length > 0) await this.#replace(log, parents, children, now)
    })
  }

  /** A cursor on `shard` at `position`. */
  cursor(shard: Shard, position: number): Cursor {
    return new Cursor(shard, position, this.store, this.#readIndex)
  }

  /** The index of a sealed segment. */
  index(segment: number): Promise<Uint8Array> {
    return this.#indexes.get(segment)
  }

  /** Waits for what was taken in, and takes no more. The store is the caller's to close. */
  async close(): Promise<void> {
    await this.committer.close()
    await this.#changing
  }

  /** Removes closed shards of which nothing is kept any more. */
  forget(log: Log, shards: readonly Shard[]): Promise<void> {
    return this.#exclusively(async () => {
      if (this.logs.get(log.number) !== log) return
      const gone = new Set(shards.map((shard) => shard.number))
      const record = log.record()
      await this.store.put([logChange({ ...record, shards: record.shards.filter((each) => !gone.has(each.shard)) })])
      log.forget(shards)
    })
  }

  /**
   * Closes `parents` and opens `children`: first no more is taken for the parents, then what was taken becomes durable, so that
   * their ends are known, then the catalog says so. Blocks that came meanwhile are refused only when the children can be found.
   */
  async #replace(log: Log, parents: Shard[], children: ShardRecord[], now: number): Promise<void> {
    try {
      await Promise.all(parents.map((parent) => parent.drain()))
      const closed = parents.map((parent) => ({ ...parent.record(), closedAt: now }))
      await this.store.put([logChange(log.record([...closed, ...children]))])
      log.replace(parents, children, now)
    } finally {
      for (const parent of parents) parent.resume((pending) => this.committer.append(parent, pending))
    }
    for (const listener of this.reshaped) listener(log)
  }

  /** A change that waited behind the log's deletion must not write it into the catalog again. */
  #requireKept(log: Log): void {
    if (this.logs.get(log.number) !== log) throw new MillraceError('stream_not_found', { stream: log.name })
  }

  #requireRoom(log: Log): void {
    const limit = this.limits.shardsPerStreamMax
    if (log.openShards.length >= limit)
      throw new MillraceError('limit_exceeded', { what: 'The number of shards', limit })
  }

  /** Seals the open segment when it is large, long or old enough; the committer asks between two commits. */
  #sealWhenDue(): Promise<void> | undefined {
    const open = this.store.openSegment()
    const commits = open.end - open.first
    const age = this.clock.now() - this.#segmentStartedAt
    const due =
      open.bytes >= this.limits.segmentBytesMax ||
      commits >= this.limits.segmentCommitsMax ||
      age >= this.limits.segmentAgeMillisMax
    return due && commits > 0 ? this.#seal() : undefined
  }

  async #seal(): Promise<void> {
    await sealSegment(this)
    this.#segmentStartedAt = this.clock.now()
  }

  /** Changes to the catalog happen one after another, so that each sees what the one before it did. */
  #exclusively<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#changing.then(change)
    this.#changing = result.catch(() => undefined)
    return result
  }
}

/** The catalog's key for the number that the next log gets, as of the last deletion. */
const nextNumberKey = 'next-log'

function requireOpen(shard: Shard): void {
  if (!shard.open) throw shard.closedError()
}
