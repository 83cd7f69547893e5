import { awsOperation } from '../aws/operation.ts'
import { consumerOf } from './consumers.ts'
import { consumerArn, consumerName, streamArn, streamId } from './members.ts'

/** Forgets a consumer; a subscription of its that is open goes on to its end, as with AWS. */
export const deregisterStreamConsumer = awsOperation({
  name: 'DeregisterStreamConsumer',
  input: { StreamARN: streamArn, ConsumerName: consumerName, ConsumerARN: consumerArn, StreamId: streamId },
  async run(broker, input, context) {
    const { stream, consumer } = consumerOf(broker, input, context)
    await stream.profile.change((profile) => ({
      ...profile,
      consumers: profile.consumers.filter((each) => each.name !== consumer.name),
      retiredSeconds: Math.max(profile.retiredSeconds, consumer.createdSeconds),
    }))
    return undefined
  },
})
