import { awsOperation } from '../aws/operation.ts'
import { streamDescription } from './describing.ts'
import { streamMembers } from './members.ts'
import { streamOf } from './names.ts'

/** A stream without its shards. */
export const describeStreamSummary = awsOperation({
  name: 'DescribeStreamSummary',
  input: streamMembers,
  run(broker, input, context) {
    const stream = streamOf(broker, input, context)
    const { consumers, warmThroughputMiBps: warm, distribution } = stream.profile.current
    return {
      StreamDescriptionSummary: {
        ...streamDescription(stream, context),
        OpenShardCount: stream.log.openShards.length,
        ConsumerCount: consumers.length,
        WarmThroughput: warm === undefined ? undefined : { TargetMiBps: warm, CurrentMiBps: warm },
        MaxRecordSizeInKiB: Math.floor(stream.log.settings.recordBytesMax / 1024),
        ChannelCount: 0,
        RecordDistributionStrategy: distribution,
      },
    }
  },
})
