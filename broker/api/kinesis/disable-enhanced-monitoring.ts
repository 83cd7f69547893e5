import { awsOperation } from '../aws/operation.ts'
import { changeMetrics, monitoringMembers, namedMetrics } from './metrics.ts'
import { streamOf } from './names.ts'

/** Forgets names of shard-level metrics. */
export const disableEnhancedMonitoring = awsOperation({
  name: 'DisableEnhancedMonitoring',
  input: monitoringMembers,
  run(broker, input, context) {
    const stream = streamOf(broker, input, context)
    const gone = namedMetrics(input.ShardLevelMetrics)
    return changeMetrics(stream, (current) => current.filter((name) => !gone.includes(name)), context)
  },
})
