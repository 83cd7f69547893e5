import { shardIdOf } from '../../wire/sequence.ts'
import { awsOperation } from '../aws/operation.ts'
import { invalidArgument, shardSpent } from './errors.ts'
import { requireShardQuota } from './limits.ts'
import { hashKey, shardId, streamMembers } from './members.ts'
import { shardToChange, streamOf } from './names.ts'
import { requireProvisioned } from './resharding.ts'

/** Closes a shard and opens two in its place. */
export const splitShard = awsOperation({
  name: 'SplitShard',
  input: {
    ...streamMembers,
    ShardToSplit: { ...shardId, required: true },
    NewStartingHashKey: { ...hashKey, required: true },
  },
  async run(broker, input, context) {
    const stream = streamOf(broker, input, context)
    const shard = shardToChange(stream, input.ShardToSplit, context)
    const id = shardIdOf(shard.number)
    requireProvisioned(stream, 'SplitShard', context)
    if (!shard.open) throw shardSpent(id, stream.name, context)
    requireShardQuota(broker, 1, context)
    const at = BigInt(input.NewStartingHashKey)
    const { start, end } = shard.range
    if (at <= start + 1n || at >= end) {
      throw invalidArgument(
        `NewStartingHashKey ${at} used in SplitShard() on shard ${id} in stream ${stream.name} under account ${context.account} is not both greater than one plus the shard's StartingHashKey ${start} and less than the shard's EndingHashKey ${end}.`,
      )
    }
    await stream.split(shard.number, at)
    return undefined
  },
})
