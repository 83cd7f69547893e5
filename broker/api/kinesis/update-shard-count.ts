import { awsOperation } from '../aws/operation.ts'
import { invalidArgument, limitExceeded } from './errors.ts'
import { requireShardQuota } from './limits.ts'
import { streamMembers } from './members.ts'
import { streamArnOf, streamOf } from './names.ts'
import { requireProvisioned } from './resharding.ts'

const dayMillis = 24 * 60 * 60 * 1000
/** AWS: in any 24 hours. */
const resizesPerDayMax = 10

/** Brings the open shards to a number, all of equal width: at most twice as many, at least half. */
export const updateShardCount = awsOperation({
  name: 'UpdateShardCount',
  input: {
    ...streamMembers,
    TargetShardCount: { type: 'integer', required: true, min: 1 },
    ScalingType: { type: 'string', required: true, enum: ['UNIFORM_SCALING'] },
  },
  async run(broker, input, context) {
    const stream = streamOf(broker, input, context)
    const { TargetShardCount: target } = input
    requireProvisioned(stream, 'UpdateShardCount', context)
    const current = stream.log.openShards.length
    if (target > current * 2) {
      throw invalidArgument(
        `UpdateShardCount cannot scale up over double your current open shard count. Current open shard count: ${current} Target shard count: ${target}`,
      )
    }
    if (target < Math.floor(current / 2)) {
      throw invalidArgument(
        `UpdateShardCount cannot scale down below half your current open shard count. Current open shard count: ${current} Target shard count: ${target}`,
      )
    }
    requireShardQuota(broker, Math.max(0, target - current), context)
    if (target !== current) {
      const now = broker.clock.now()
      const recent = stream.profile.current.resizes.filter((at) => at > now - dayMillis)
      if (broker.strict && recent.length >= resizesPerDayMax) {
        throw limitExceeded(`Stream ${stream.name} was already scaled ${resizesPerDayMax} times in the past 24 hours.`)
      }
      await stream.resize(target)
      await stream.profile.change((profile) => ({ ...profile, resizes: [...recent, now].slice(-resizesPerDayMax) }))
    }
    return {
      StreamName: stream.name,
      CurrentShardCount: current,
      TargetShardCount: target,
      StreamARN: streamArnOf(stream.name, context),
    }
  },
})
