import { awsOperation } from '../aws/operation.ts'
import { changeMetrics, monitoringMembers, namedMetrics } from './metrics.ts'
import { streamOf } from './names.ts'

/** Keeps names of shard-level metrics; there is no CloudWatch to send them to. */
export const enableEnhancedMonitoring = awsOperation({
  name: 'EnableEnhancedMonitoring',
  input: monitoringMembers,
  run(broker, input, context) {
    const stream = streamOf(broker, input, context)
    return changeMetrics(stream, (current) => namedMetrics([...current, ...input.ShardLevelMetrics]), context)
  },
})
