import type { Cursor } from '../log/cursor.ts'
import type { Log } from '../log/log.ts'
import type { Logs } from '../log/logs.ts'
import { horizon, positionAtTime } from '../log/positions.ts'
import type { Settlement, Shard } from '../log/shard.ts'
import { Subscription, type SubscriptionSink, type SubscriptionStart } from '../log/subscription.ts'
import { MillraceError } from '../wire/errors.ts'
import type { StoredRecord } from '../wire/record.ts'
import type {
  Assignment,
  ConsumerDescription,
  ShardDescription,
  StreamDescription,
  StreamSummary,
} from '../wire/stream-description.ts'
import type { Consumer, Consumers } from './stream-consumers.ts'
import { StreamFaults } from './stream-faults.ts'
import { Group, type Renewal } from './stream-group.ts'
import type { Profile } from './stream-profile.ts'
import { gatherRecords, type LooseRecord, type Placed } from './stream-put.ts'
import {
  appendBlock,
  type PutRecord,
  type PutResult,
  putRecords,
  type ReadLimits,
  readRecords,
} from './stream-records.ts'

/** Where reading begins. */
export type From = 'horizon' | 'latest' | { readonly time: number } | { readonly sequence: number }

/** Where a subscription begins, shard by shard where sequences are given; shards not named there start at horizon. */
export type SubscribeFrom =
  | 'horizon'
  | 'latest'
  | { readonly time: number }
  | { readonly sequences: Readonly<Record<string, number>> }

export interface SubscribeOptions {
  readonly from: SubscribeFrom
  /** A shard that this consumer has a checkpoint for starts there instead. */
  readonly consumer?: string
  /** Only these shards; all, and children as they appear, when left out. */
  readonly shards?: readonly number[]
  readonly heartbeatMillis?: number
}

export interface ReadPage {
  readonly records: readonly StoredRecord[]
  /** The sequence to read on from. */
  readonly next: number
  /** How far behind the newest record the reader is; 0 when it has all. */
  readonly behindMillis: number
  /** Present when the shard is closed and read to its end. */
  readonly children?: readonly number[]
}

/** A stream: a log whose readers each have a position of their own. */
export class Stream {
  readonly log: Log
  /** What is kept of it for AWS's clients. */
  readonly profile: Profile
  /** What is to go wrong, for tests. */
  readonly faults: StreamFaults
  readonly #logs: Logs
  readonly #consumers: Consumers
  readonly #groups = new Map<string, Group>()

  constructor(log: Log, logs: Logs, consumers: Consumers, profile: Profile) {
    this.log = log
    this.profile = profile
    this.faults = new StreamFaults(logs.clock)
    this.#logs = logs
    this.#consumers = consumers
    log.watchers.add(() => this.#balanceGroups())
  }

  get name(): string {
    return this.log.name
  }

  get number(): number {
    return this.log.number
  }

  summary(): StreamSummary {
    const { name, number, createdAt, settings, openShards } = this.log
    return { name, number, status: 'active', createdAt, ...settings, openShards: openShards.length }
  }

  describe(): StreamDescription {
    const { openShards: _, ...summary } = this.summary()
    return { ...summary, shards: [...this.log.shards.values()].map(describeShard) }
  }

  /** Changes retention or the size of records; what is left out stays. */
  update(settings: { readonly retentionMillis?: number; readonly recordBytesMax?: number }): Promise<void> {
    return this.#logs.configure(this.log, { ...this.log.settings, ...settings })
  }

  /** Splits a shard at a hash key, in the middle of its range by default. */
  async split(shard: number, at?: bigint): Promise<void> {
    await this.#logs.split(this.log, this.log.shard(shard), at)
  }

  /** Merges two adjacent shards. */
  async merge(shard: number, other: number): Promise<void> {
    await this.#logs.merge(this.log, this.log.shard(shard), this.log.shard(other))
  }

  /** Brings the number of open shards to `count`, all of equal width, by splits and merges. */
  async resize(count: number): Promise<void> {
    await this.#logs.resize(this.log, count)
  }

  /** Takes one block as it came from outside; `settlement` hears what became of it. Throws nothing. */
  append(shard: number, block: Uint8Array, settlement: Settlement): void {
    const target = this.log.shards.get(shard)
    if (target === undefined) settlement.failed(new MillraceError('shard_not_found', { stream: this.name, shard }))
    else appendBlock(this.#logs, this.log, target, block, settlement)
  }

  /** Appends records; each has an outcome of its own, in the order given. */
  put(records: readonly PutRecord[]): Promise<(PutResult | MillraceError)[]> {
    return putRecords(this.#logs, this.log, records)
  }

  /** Puts records that came without a block; each has an outcome of its own, in the order given. */
  gather(records: readonly LooseRecord[]): Promise<(Placed | MillraceError)[]> {
    return gatherRecords(this.#logs, this.log, records)
  }

  /** A cursor at `sequence`, or at the oldest record that is kept when that is past its retention. */
  async cursor(shard: Shard, sequence: number): Promise<Cursor> {
    return this.#logs.cursor(shard, await this.position(shard, { sequence }))
  }

  /** The sequence at which reading of a shard begins. */
  async position(shard: Shard, from: From): Promise<number> {
    if (from === 'latest') return shard.next
    const oldest = await horizon(this.#logs, this.log, shard)
    if (from === 'horizon') return oldest
    if ('sequence' in from) return Math.max(from.sequence, oldest)
    return Math.max(oldest, await positionAtTime(this.#logs, shard, from.time))
  }

  /** One page of a shard's records. */
  async read(shard: number, from: From, limits: ReadLimits): Promise<ReadPage> {
    const source = this.log.shard(shard)
    const cursor = this.#logs.cursor(source, await this.position(source, from))
    const records = await readRecords(cursor, limits)
    const last = records.at(-1)
    const behindMillis = cursor.atEnd || last === undefined ? 0 : this.#logs.clock.now() - last.time
    const page = { records, next: cursor.position, behindMillis }
    return cursor.finished ? { ...page, children: source.children } : page
  }

  /** Begins a subscription; frames go to `sink` as it takes them. */
  async subscribe(options: SubscribeOptions, sink: SubscriptionSink): Promise<Subscription> {
    const starts = await this.#starts(options)
    const { heartbeatMillis = this.#logs.limits.heartbeatMillisDefault } = options
    const follow = options.shards === undefined
    return new Subscription(this.#logs, this.log, { starts, follow, heartbeatMillis }, sink)
  }

  /** All consumers, with their positions. */
  consumers(): ConsumerDescription[] {
    return [...this.#consumers.of(this.number)].map(([name, consumer]) => this.#describeConsumer(name, consumer))
  }

  /** @throws consumer_not_found */
  consumer(name: string): ConsumerDescription {
    const consumer = this.#consumers.of(this.number).get(name)
    if (consumer === undefined) throw new MillraceError('consumer_not_found', { stream: this.name, consumer: name })
    return this.#describeConsumer(name, consumer)
  }

  /**
   * Moves a consumer's checkpoints; resolves when that is durable. With a fence, only if it is still the newest of that shard.
   * @throws lease_lost, shard_not_found; then nothing is moved
   */
  async checkpoint(
    name: string,
    shards: ReadonlyMap<number, { readonly next: number; readonly fence?: number }>,
    member = '',
  ): Promise<void> {
    const fences = this.#consumers.of(this.number).get(name)?.fences
    for (const [shard, { fence }] of shards) {
      this.log.shard(shard)
      if (fence !== undefined && fences?.get(shard) !== fence) {
        throw new MillraceError('lease_lost', { shard, member, fence })
      }
    }
    await this.#consumers.checkpoint(
      this.number,
      name,
      [...shards].map(([shard, { next }]) => [shard, next]),
    )
    if ([...shards.keys()].some((shard) => !this.log.shard(shard).open)) await this.#groups.get(name)?.balance()
  }

  /** Forgets a consumer. */
  async deleteConsumer(name: string): Promise<void> {
    this.consumer(name)
    await this.#consumers.delete(this.number, name)
  }

  /** Joins a group, or renews a member's lease; see Group. */
  async renew(
    name: string,
    member: string,
    renewal: Renewal & { readonly from: 'horizon' | 'latest' },
    signal: AbortSignal,
  ): Promise<Assignment> {
    let group = this.#groups.get(name)
    if (group === undefined) {
      group = this.#makeGroup(name)
      this.#groups.set(name, group)
    }
    if (renewal.from === 'latest' && !this.#consumers.of(this.number).has(name)) await this.#pinToLatest(name)
    return group.renew(member, renewal, signal)
  }

  /** Leaves a group. */
  async leave(name: string, member: string): Promise<void> {
    await this.#groups.get(name)?.leave(member)
  }

  /** Who is in which group. */
  groups(): { group: string; members: { member: string; shards: number[] }[] }[] {
    return [...this.#groups].map(([group, each]) => ({ group, members: each.members() }))
  }

  close(): void {
    for (const group of this.#groups.values()) group.close()
    this.#groups.clear()
  }

  async #starts(options: SubscribeOptions): Promise<SubscriptionStart[]> {
    const { from, consumer, shards } = options
    const checkpoints = consumer === undefined ? undefined : this.#consumers.of(this.number).get(consumer)?.checkpoints
    const chosen = shards?.map((shard) => this.log.shard(shard)) ?? [...this.log.shards.values()]
    const starts: SubscriptionStart[] = []
    for (const shard of chosen) {
      const checkpoint = checkpoints?.get(shard.number)
      const start = checkpoint === undefined ? fromOf(from, shard) : { sequence: checkpoint }
      // Who starts at the tip has no use for shards that will never get another record.
      if (start === 'latest' && !shard.open && shards === undefined) continue
      starts.push({ shard, position: await this.position(shard, start) })
    }
    return starts
  }

  #describeConsumer(consumer: string, { checkpoints }: Consumer): ConsumerDescription {
    const shards = [...checkpoints].flatMap(([number, next]) => {
      const shard = this.log.shards.get(number)
      return shard === undefined ? [] : [{ shard: number, next, lag: Math.max(0, shard.next - next) }]
    })
    return { consumer, shards }
  }

  #makeGroup(name: string): Group {
    const known = () => this.#consumers.of(this.number).get(name)
    const finished = (shard: Shard) => !shard.open && (known()?.checkpoints.get(shard.number) ?? 0) >= shard.next
    return new Group({
      name,
      clock: this.#logs.clock,
      membersMax: this.#logs.limits.membersPerGroupMax,
      eligible: () =>
        [...this.log.shards.values()].filter((shard) => {
          const parents = shard.parents.flatMap((parent) => this.log.shards.get(parent) ?? [])
          return !finished(shard) && parents.every(finished)
        }),
      next: (shard) => Math.max(known()?.checkpoints.get(shard.number) ?? 0, shard.first),
      fence: async (shard) => {
        const fence = (known()?.fences.get(shard) ?? 0) + 1
        await this.#consumers.fence(this.number, name, shard, fence)
        return fence
      },
    })
  }

  /** A group that starts at the tip starts where the tip is now, whenever its members get round to reading. */
  async #pinToLatest(name: string): Promise<void> {
    const shards = [...this.log.shards.values()].map((shard) => [shard.number, shard.next] as const)
    await this.#consumers.checkpoint(this.number, name, shards)
  }

  #balanceGroups(): void {
    // A balance that fails here is made up for by the next renewal.
    for (const group of this.#groups.values()) group.balance().catch(() => undefined)
  }
}

function describeShard(shard: Shard): ShardDescription {
  const { number, parents, children, range, first, next } = shard
  const hashRange = { start: `${range.start}`, end: `${range.end}` }
  return { shard: number, status: shard.open ? 'open' : 'closed', parents, children, hashRange, first, next }
}

function fromOf(from: SubscribeFrom, shard: Shard): From {
  if (typeof from === 'string' || 'time' in from) return from
  const sequence = from.sequences[shard.number]
  return sequence === undefined ? 'horizon' : { sequence }
}
