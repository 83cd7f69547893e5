import { awsOperation } from '../aws/operation.ts'
import { consumerDescription } from './consumers.ts'
import { limitExceeded, resourceInUse } from './errors.ts'
import { consumerName, streamArn, streamId, tagMap } from './members.ts'
import { streamOf } from './names.ts'
import { withTags } from './tags.ts'

/** Registers a consumer for enhanced fan-out; it is ACTIVE when the answer comes. */
export const registerStreamConsumer = awsOperation({
  name: 'RegisterStreamConsumer',
  input: {
    StreamARN: { ...streamArn, required: true },
    ConsumerName: { ...consumerName, required: true },
    StreamId: streamId,
    Tags: tagMap,
  },
  async run(broker, input, context) {
    const stream = streamOf(broker, { StreamARN: input.StreamARN }, context)
    const { ConsumerName: name } = input
    const tags = withTags({}, input.Tags ?? {}, `consumer ${name}`)
    const limit = broker.limits.fanOutConsumersMax
    const { consumers } = await stream.profile.change((profile) => {
      if (profile.consumers.some((each) => each.name === name)) {
        throw resourceInUse(
          `Consumer ${name} under stream ${stream.name} already exists for account ${context.account}.`,
        )
      }
      if (profile.consumers.length >= limit) {
        throw limitExceeded(`Stream ${stream.name} already has the maximum of ${limit} registered consumers.`)
      }
      const createdSeconds = Math.max(Math.floor(broker.clock.now() / 1000), profile.retiredSeconds + 1)
      return { ...profile, consumers: [...profile.consumers, { name, createdSeconds, tags }] }
    })
    const registered = consumers.find((each) => each.name === name)
    return registered === undefined ? undefined : { Consumer: consumerDescription(stream, registered, context) }
  },
})
