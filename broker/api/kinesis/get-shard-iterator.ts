import { awsOperation } from '../aws/operation.ts'
import { guard, requireAllowed } from './guard.ts'
import { sealIterator } from './iterator.ts'
import { iteratorType, sequenceNumber, shardId, streamMembers } from './members.ts'
import { shardToRead, streamOf } from './names.ts'
import { startingSequence } from './starting-position.ts'

/** A place in a shard to read from, valid for 5 minutes, as often as one likes. */
export const getShardIterator = awsOperation({
  name: 'GetShardIterator',
  input: {
    ...streamMembers,
    ShardId: { ...shardId, required: true },
    ShardIteratorType: { ...iteratorType, required: true },
    StartingSequenceNumber: sequenceNumber,
    Timestamp: { type: 'timestamp' },
    DryRun: { type: 'boolean' },
  },
  async run(broker, input, context) {
    const stream = streamOf(broker, input, context)
    const shard = shardToRead(stream, input.ShardId, context)
    const start = {
      type: input.ShardIteratorType,
      sequenceNumber: input.StartingSequenceNumber,
      timestamp: input.Timestamp,
    }
    const next = await startingSequence(broker, stream, shard, start, context)
    await guard(stream, { operation: 'GetShardIterator', dryRun: input.DryRun, caller: context, shard })
    requireAllowed(broker.quotas?.iterator(shard) ?? true, stream, shard, context)
    return { ShardIterator: sealIterator(stream, shard, next, broker.clock.now()) }
  },
})
