import { awsOperation } from '../aws/operation.ts'
import { streamMembers } from './members.ts'
import { streamArnOf, streamOf } from './names.ts'

/** Keeps how much throughput is wanted at once; there is nothing to warm up. */
export const updateStreamWarmThroughput = awsOperation({
  name: 'UpdateStreamWarmThroughput',
  input: { ...streamMembers, WarmThroughputMiBps: { type: 'integer', required: true, min: 0 } },
  async run(broker, input, context) {
    const stream = streamOf(broker, input, context)
    const { WarmThroughputMiBps: warm } = input
    await stream.profile.change((profile) => ({ ...profile, warmThroughputMiBps: warm }))
    return {
      StreamARN: streamArnOf(stream.name, context),
      StreamName: stream.name,
      WarmThroughput: { TargetMiBps: warm, CurrentMiBps: warm },
    }
  },
})
