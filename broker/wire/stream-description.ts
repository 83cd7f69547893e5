/** What the native API says of streams, shards and consumers; see docs/wire.md, "Resources". */

export interface ShardDescription {
  readonly shard: number
  readonly status: 'open' | 'closed'
  readonly parents: readonly number[]
  readonly children: readonly number[]
  /** Hash keys as decimal text, both ends included. */
  readonly hashRange: { readonly start: string; readonly end: string }
  /** The oldest sequence kept. */
  readonly first: number
  /** The sequence the next record will get; the end, when closed. */
  readonly next: number
}

export interface StreamSummary {
  readonly name: string
  readonly number: number
  readonly status: 'active'
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly retentionMillis: number
  readonly recordBytesMax: number
  readonly openShards: number
}

export interface StreamDescription extends Omit<StreamSummary, 'openShards'> {
  readonly shards: readonly ShardDescription[]
}

export interface ConsumerDescription {
  readonly consumer: string
  /** Lag is in records. */
  readonly shards: readonly { readonly shard: number; readonly next: number; readonly lag: number }[]
}

/** What a member of a group is told; see docs/wire.md, "Groups". */
export interface Assignment {
  readonly version: number
  readonly leaseMillis: number
  readonly shards: readonly { readonly shard: number; readonly fence: number; readonly next: number }[]
  /** Which of them the member is to stop reading and give back. */
  readonly revoke: readonly number[]
}
