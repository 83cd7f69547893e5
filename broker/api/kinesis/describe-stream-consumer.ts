import { awsOperation } from '../aws/operation.ts'
import { consumerDescription, consumerOf } from './consumers.ts'
import { consumerArn, consumerName, streamArn, streamId } from './members.ts'
import { streamArnOf } from './names.ts'

/** A consumer, by its ARN or by name and stream. */
export const describeStreamConsumer = awsOperation({
  name: 'DescribeStreamConsumer',
  input: { StreamARN: streamArn, ConsumerName: consumerName, ConsumerARN: consumerArn, StreamId: streamId },
  run(broker, input, context) {
    const { stream, consumer } = consumerOf(broker, input, context)
    return {
      ConsumerDescription: {
        ...consumerDescription(stream, consumer, context),
        StreamARN: streamArnOf(stream.name, context),
      },
    }
  },
})
