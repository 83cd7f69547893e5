import { awsOperation } from '../aws/operation.ts'
import { invalidArgument } from './errors.ts'
import { requireShardQuota } from './limits.ts'
import { streamModeDetails, streamName, tagMap } from './members.ts'
import { withTags } from './tags.ts'

/** What AWS begins an on-demand stream with. */
const onDemandShards = 4

/** Creates a stream; it is ACTIVE when the answer comes. */
export const createStream = awsOperation({
  name: 'CreateStream',
  input: {
    StreamName: { ...streamName, required: true },
    ShardCount: { type: 'integer', min: 1 },
    StreamModeDetails: streamModeDetails,
    Tags: tagMap,
    WarmThroughputMiBps: { type: 'integer', min: 0 },
    MaxRecordSizeInKiB: { type: 'integer', min: 1024, max: 10_240 },
    RecordDistributionStrategy: { type: 'string', enum: ['AUTO', 'USER_PARTITION_KEY'] },
  },
  async run(broker, input, context) {
    const { StreamName: name, MaxRecordSizeInKiB, WarmThroughputMiBps, RecordDistributionStrategy } = input
    const mode = input.StreamModeDetails?.StreamMode ?? 'PROVISIONED'
    if (mode === 'PROVISIONED' && input.ShardCount === undefined) {
      throw invalidArgument('ShardCount must be specified for streams in PROVISIONED mode.')
    }
    if (mode === 'PROVISIONED' && RecordDistributionStrategy === 'AUTO') {
      throw invalidArgument('RecordDistributionStrategy AUTO is only supported for streams in ON_DEMAND mode.')
    }
    const shards = input.ShardCount ?? onDemandShards
    requireShardQuota(broker, shards, context)
    await broker.streams.create(name, {
      shards,
      ...(MaxRecordSizeInKiB === undefined ? {} : { recordBytesMax: MaxRecordSizeInKiB * 1024 }),
      profile: {
        mode,
        tags: withTags({}, input.Tags ?? {}, `stream ${name} under account ${context.account}`),
        ...(WarmThroughputMiBps === undefined ? {} : { warmThroughputMiBps: WarmThroughputMiBps }),
        ...(RecordDistributionStrategy === undefined ? {} : { distribution: RecordDistributionStrategy }),
      },
    })
    return undefined
  },
})
