import { awsOperation } from '../aws/operation.ts'
import { shardDescription, shardsOf, streamDescription } from './describing.ts'
import { shardId, streamMembers } from './members.ts'
import { shardNumberIn, streamOf } from './names.ts'

const shardsPerAnswerMax = 100

/** A stream and a page of its shards. */
export const describeStream = awsOperation({
  name: 'DescribeStream',
  input: { ...streamMembers, Limit: { type: 'integer', min: 1, max: 10_000 }, ExclusiveStartShardId: shardId },
  run(broker, input, context) {
    const stream = streamOf(broker, input, context)
    const { ExclusiveStartShardId: start } = input
    const after = start === undefined ? -1 : shardNumberIn(start, stream.name, context)
    const shards = shardsOf(stream.log).filter((shard) => shard.number > after)
    const page = shards.slice(0, Math.min(input.Limit ?? shardsPerAnswerMax, shardsPerAnswerMax))
    return {
      StreamDescription: {
        ...streamDescription(stream, context),
        Shards: page.map((shard) => shardDescription(stream.log, shard)),
        HasMoreShards: shards.length > page.length,
      },
    }
  },
})
