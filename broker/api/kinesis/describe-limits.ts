import { awsOperation } from '../aws/operation.ts'
import { openShards, shardLimit } from './limits.ts'

/** How many shards and on-demand streams there are, and may be. */
export const describeLimits = awsOperation({
  name: 'DescribeLimits',
  input: {},
  run(broker) {
    const onDemand = broker.streams.list().filter((stream) => stream.profile.current.mode === 'ON_DEMAND')
    return {
      ShardLimit: shardLimit(broker),
      OpenShardCount: openShards(broker),
      OnDemandStreamCount: onDemand.length,
      OnDemandStreamCountLimit: broker.limits.onDemandStreamsMax,
    }
  },
})
