import type { TableChange } from '../store/store.ts'
import { MillraceError } from '../wire/errors.ts'
import { evenRanges, type HashRange, HashRouter } from '../wire/hash-range.ts'
import type { WindowLimits } from './producer-windows.ts'
import { Shard, type ShardRecord } from './shard.ts'

/** What the catalog keeps of a log. */
export interface LogRecord {
  readonly number: number
  /** What its users call it, for errors. */
  readonly name: string
  readonly createdAt: number
  readonly retentionMillis: number
  readonly recordBytesMax: number
  readonly nextShard: number
  readonly shards: readonly ShardRecord[]
  /** The number of the mode whose own it is, see LogOwner; a stream's has none. */
  readonly owner?: number
}

/** What can be chosen about a log. */
export interface LogSettings {
  readonly retentionMillis: number
  readonly recordBytesMax: number
}

/** One sharded log: a family of shards whose open ones cover the hash space, and their lineage. */
export class Log {
  readonly number: number
  readonly name: string
  readonly createdAt: number
  settings: LogSettings
  readonly owner: number | undefined
  readonly shards = new Map<number, Shard>()
  #nextShard: number
  #router: HashRouter<Shard>
  readonly #limits: WindowLimits
  /** Told when shards were added: subscriptions that follow the whole log take them up. */
  readonly watchers = new Set<(children: readonly Shard[]) => void>()

  constructor(record: LogRecord, limits: WindowLimits) {
    this.number = record.number
    this.name = record.name
    this.createdAt = record.createdAt
    this.owner = record.owner
    this.settings = { retentionMillis: record.retentionMillis, recordBytesMax: record.recordBytesMax }
    this.#nextShard = record.nextShard
    this.#limits = limits
    for (const each of record.shards) this.shards.set(each.shard, new Shard(record, each, limits))
    for (const shard of this.shards.values()) this.#linkToParents(shard)
    this.#router = this.#route()
  }

  /** A new log's record: `shards` shards of equal width. */
  static record(number: number, name: string, shards: number, createdAt: number, settings: LogSettings): LogRecord {
    const ranges = evenRanges(shards)
    return {
      number,
      name,
      createdAt,
      ...settings,
      nextShard: shards,
      shards: ranges.map((range, shard) => shardRecord(shard, [], range, createdAt)),
    }
  }

  /** The open shard for a partition key. */
  ofKey(partitionKey: string): Shard {
    return this.#router.ofKey(partitionKey)
  }

  /** The open shards and their routing, for callers that route by hash. */
  get router(): HashRouter<Shard> {
    return this.#router
  }

  get openShards(): Shard[] {
    return [...this.shards.values()].filter((shard) => shard.open)
  }

  /**
   * Shard `number`.
   * @throws shard_not_found
   */
  shard(number: number): Shard {
    const shard = this.shards.get(number)
    if (shard === undefined) throw new MillraceError('shard_not_found', { stream: this.name, shard: number })
    return shard
  }

  /** What the catalog keeps of it now, or will after `replacements` take the place of shards or join them. */
  record(replacements: readonly ShardRecord[] = [], settings = this.settings): LogRecord {
    const shards = new Map([...this.shards.values()].map((shard) => [shard.number, shard.record()]))
    for (const each of replacements) shards.set(each.shard, each)
    const nextShard = Math.max(this.#nextShard, ...replacements.map((each) => each.shard + 1))
    const { number, name, createdAt, owner } = this
    const record = { number, name, createdAt, ...settings, nextShard, shards: [...shards.values()] }
    return owner === undefined ? record : { ...record, owner }
  }

  /** The number the next new shard gets. */
  get nextShard(): number {
    return this.#nextShard
  }

  /** Closes `parents` and opens `children`, once the catalog has them. */
  replace(parents: readonly Shard[], children: readonly ShardRecord[], closedAt: number): void {
    const added = children.map((record) => new Shard(this, record, this.#limits))
    for (const shard of added) {
      this.shards.set(shard.number, shard)
      this.#nextShard = Math.max(this.#nextShard, shard.number + 1)
      this.#linkToParents(shard)
    }
    for (const parent of parents) parent.closedAt = closedAt
    this.#router = this.#route()
    for (const watcher of [...this.watchers]) watcher(added)
    for (const parent of parents) for (const listener of [...parent.listeners]) listener.closed()
  }

  /** Forgets closed shards of which nothing is kept any more. */
  forget(shards: readonly Shard[]): void {
    for (const shard of shards) this.shards.delete(shard.number)
  }

  #linkToParents(shard: Shard): void {
    for (const parent of shard.parents) this.shards.get(parent)?.children.push(shard.number)
  }

  #route(): HashRouter<Shard> {
    return new HashRouter(this.openShards.map((owner) => ({ range: owner.range, owner })))
  }
}

/** The records of the two children that `shard` splits into at hash key `at`, the lower half ending just before it. */
export function splitRecords(shard: Shard, at: bigint, nextShard: number, createdAt: number): ShardRecord[] {
  const { start, end } = shard.range
  return [
    shardRecord(nextShard, [shard.number], { start, end: at - 1n }, createdAt),
    shardRecord(nextShard + 1, [shard.number], { start: at, end }, createdAt),
  ]
}

/** The record of the child of two adjacent shards; the first named is the parent, the second the adjacent parent. */
export function mergeRecord(shard: Shard, other: Shard, nextShard: number, createdAt: number): ShardRecord {
  const [low, high] = shard.range.start < other.range.start ? [shard, other] : [other, shard]
  return shardRecord(
    nextShard,
    [shard.number, other.number],
    { start: low.range.start, end: high.range.end },
    createdAt,
  )
}

/** The record of a new shard. */
export function shardRecord(
  shard: number,
  parents: readonly number[],
  range: HashRange,
  createdAt: number,
): ShardRecord {
  return { shard, parents, start: `${range.start}`, end: `${range.end}`, createdAt }
}

/** The catalog's entry for a log. */
export function logChange(record: LogRecord): TableChange {
  return { key: logKey(record.number), value: new TextEncoder().encode(JSON.stringify(record)) }
}

/** The catalog's key for log `number`. */
export function logKey(number: number): string {
  return `log/${String(number).padStart(10, '0')}`
}
