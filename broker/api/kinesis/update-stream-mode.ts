import { awsOperation } from '../aws/operation.ts'
import { limitExceeded } from './errors.ts'
import { streamArn, streamId, streamModeDetails } from './members.ts'
import { streamOf } from './names.ts'

const dayMillis = 24 * 60 * 60 * 1000
/** AWS: in any 24 hours. */
const changesPerDayMax = 2

/** Says that a stream is provisioned or on demand; its shards stay as they are. */
export const updateStreamMode = awsOperation({
  name: 'UpdateStreamMode',
  input: {
    StreamARN: { ...streamArn, required: true },
    StreamId: streamId,
    StreamModeDetails: { ...streamModeDetails, required: true },
    WarmThroughputMiBps: { type: 'integer', min: 0 },
  },
  async run(broker, input, context) {
    const stream = streamOf(broker, input, context)
    const { WarmThroughputMiBps: warm } = input
    const { StreamMode: mode } = input.StreamModeDetails
    const now = broker.clock.now()
    await stream.profile.change((profile) => {
      const recent = profile.modeChanges.filter((at) => at > now - dayMillis)
      if (mode !== profile.mode && broker.strict && recent.length >= changesPerDayMax) {
        throw limitExceeded(
          `Stream ${stream.name} under account ${context.account} was already switched ${changesPerDayMax} times in the past 24 hours.`,
        )
      }
      const modeChanges = mode === profile.mode ? recent : [...recent, now].slice(-changesPerDayMax)
      // Only what is on demand is spread evenly; otherwise records go where their keys say.
      const distribution = mode === 'PROVISIONED' ? 'USER_PARTITION_KEY' : profile.distribution
      return {
        ...profile,
        mode,
        distribution,
        modeChanges,
        ...(warm === undefined ? {} : { warmThroughputMiBps: warm }),
      }
    })
    return undefined
  },
})
