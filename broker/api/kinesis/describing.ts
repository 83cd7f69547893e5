import type { Log } from '../../log/log.ts'
import type { Shard } from '../../log/shard.ts'
import type { Stream } from '../../modes/stream.ts'
import { SequenceNumbers, shardIdOf } from '../../wire/sequence.ts'
import { type Caller, streamArnOf } from './names.ts'

/** How streams and shards are told about. */

const hourMillis = 60 * 60 * 1000

const numbers = new WeakMap<Shard, SequenceNumbers>()

/** The sequence numbers of a shard. */
export function numbersOf(log: Log, shard: Shard): SequenceNumbers {
  let known = numbers.get(shard)
  if (known === undefined) {
    known = new SequenceNumbers({ stream: log.number, streamCreatedAt: log.createdAt, shard: shard.number })
    numbers.set(shard, known)
  }
  return known
}

export function shardDescription(log: Log, shard: Shard): object {
  const [parent, adjacent] = shard.parents
  const ofShard = numbersOf(log, shard)
  return {
    ShardId: shardIdOf(shard.number),
    ParentShardId: parent === undefined ? undefined : shardIdOf(parent),
    AdjacentParentShardId: adjacent === undefined ? undefined : shardIdOf(adjacent),
    HashKeyRange: hashKeyRange(shard),
    SequenceNumberRange: {
      StartingSequenceNumber: ofShard.start,
      EndingSequenceNumber: shard.open ? undefined : ofShard.before(shard.next),
    },
  }
}

function hashKeyRange({ range }: Shard): object {
  return { StartingHashKey: String(range.start), EndingHashKey: String(range.end) }
}

/** The children of a shard that was read to its end: where to go on. */
export function childShards(log: Log, shard: Shard): object[] {
  return shard.children.flatMap((number) => {
    const child = log.shards.get(number)
    if (child === undefined) return []
    return [
      { ShardId: shardIdOf(number), ParentShards: child.parents.map(shardIdOf), HashKeyRange: hashKeyRange(child) },
    ]
  })
}

/** What DescribeStream and DescribeStreamSummary both have. */
export function streamDescription({ log, name, profile }: Stream, caller: Caller): object {
  const { mode, metrics, keyId } = profile.current
  return {
    StreamName: name,
    StreamARN: streamArnOf(name, caller),
    StreamStatus: 'ACTIVE',
    StreamModeDetails: { StreamMode: mode },
    RetentionPeriodHours: Math.ceil(log.settings.retentionMillis / hourMillis),
    StreamCreationTimestamp: new Date(log.createdAt),
    EnhancedMonitoring: [{ ShardLevelMetrics: metrics }],
    EncryptionType: keyId === undefined ? 'NONE' : 'KMS',
    KeyId: keyId,
  }
}

/** A stream's shards in the order of their numbers. */
export function shardsOf(log: Log): Shard[] {
  return [...log.shards.values()].sort((a, b) => a.number - b.number)
}
