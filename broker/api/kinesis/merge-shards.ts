import { shardIdOf } from '../../wire/sequence.ts'
import { awsOperation } from '../aws/operation.ts'
import { invalidArgument, shardSpent } from './errors.ts'
import { shardId, streamMembers } from './members.ts'
import { shardToChange, streamOf } from './names.ts'
import { requireProvisioned } from './resharding.ts'

/** Closes two shards whose hash ranges touch and opens one in their place. */
export const mergeShards = awsOperation({
  name: 'MergeShards',
  input: {
    ...streamMembers,
    ShardToMerge: { ...shardId, required: true },
    AdjacentShardToMerge: { ...shardId, required: true },
  },
  async run(broker, input, context) {
    const stream = streamOf(broker, input, context)
    const one = shardToChange(stream, input.ShardToMerge, context)
    const two = shardToChange(stream, input.AdjacentShardToMerge, context)
    requireProvisioned(stream, 'MergeShards', context)
    for (const each of [one, two]) if (!each.open) throw shardSpent(shardIdOf(each.number), stream.name, context)
    if (one.range.end + 1n !== two.range.start && two.range.end + 1n !== one.range.start) {
      throw invalidArgument(
        `Shards ${shardIdOf(one.number)} and ${shardIdOf(two.number)} in stream ${stream.name} under account ${context.account} are not an adjacent pair of shards eligible for merging`,
      )
    }
    await stream.merge(one.number, two.number)
    return undefined
  },
})
