import { awsOperation } from '../aws/operation.ts'
import { invalidArgument } from './errors.ts'
import { streamArn, streamId } from './members.ts'
import { streamOf } from './names.ts'

/** Chooses whether records go where their keys say, or evenly to all shards. */
export const updateStreamRecordDistributionStrategy = awsOperation({
  name: 'UpdateStreamRecordDistributionStrategy',
  input: {
    StreamARN: { ...streamArn, required: true },
    StreamId: streamId,
    RecordDistributionStrategy: { type: 'string', required: true, enum: ['AUTO', 'USER_PARTITION_KEY'] },
  },
  async run(broker, input, context) {
    const stream = streamOf(broker, input, context)
    const { RecordDistributionStrategy: distribution } = input
    await stream.profile.change((profile) => {
      if (distribution === 'AUTO' && profile.mode !== 'ON_DEMAND') {
        throw invalidArgument('RecordDistributionStrategy AUTO is only supported for streams in ON_DEMAND mode.')
      }
      return { ...profile, distribution }
    })
    return undefined
  },
})
