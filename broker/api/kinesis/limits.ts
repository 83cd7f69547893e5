import type { Broker } from '../../broker.ts'
import { limitExceeded } from './errors.ts'
import type { Caller } from './names.ts'

/** How many open shards there may be, all streams together. */
export function shardLimit(broker: Broker): number {
  return broker.strict ? broker.limits.shardsPerAccountStrictMax : broker.limits.shardsPerAccountMax
}

/** How many open shards there are. */
export function openShards(broker: Broker): number {
  return broker.streams.list().reduce((sum, stream) => sum + stream.log.openShards.length, 0)
}

/**
 * @throws AwsError LimitExceededException when `more` shards are too many
 */
export function requireShardQuota(broker: Broker, more: number, { account, region }: Caller): void {
  const [limit, current] = [shardLimit(broker), openShards(broker)]
  if (current + more <= limit) return
  throw limitExceeded(
    `This request would exceed the shard limit for the account ${account} in ${region}. Current shard count for the account: ${current}. Limit: ${limit}. Number of additional shards that would have resulted from this request: ${more}. Refer to the AWS Service Limits page (http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for current limits and how to request higher limits.`,
  )
}
