import { awsOperation } from '../aws/operation.ts'
import { consumerDescription } from './consumers.ts'
import { invalidArgument } from './errors.ts'
import { nextToken, streamArn, streamId } from './members.ts'
import { streamOf } from './names.ts'
import { openToken, sealToken } from './token.ts'

const consumersPerAnswerMax = 100

/** A stream's consumers in the order they were registered, a page at a time. */
export const listStreamConsumers = awsOperation({
  name: 'ListStreamConsumers',
  input: {
    StreamARN: { ...streamArn, required: true },
    NextToken: nextToken,
    MaxResults: { type: 'integer', min: 1, max: 10_000 },
    StreamCreationTimestamp: { type: 'timestamp' },
    StreamId: streamId,
  },
  run(broker, input, context) {
    const stream = streamOf(broker, { StreamARN: input.StreamARN }, context)
    const skip = input.NextToken === undefined ? 0 : skipIn(input.NextToken, stream.number)
    const rest = stream.profile.current.consumers.slice(skip)
    const page = rest.slice(0, Math.min(input.MaxResults ?? consumersPerAnswerMax, consumersPerAnswerMax))
    const more = rest.length > page.length
    return {
      Consumers: page.map((consumer) => consumerDescription(stream, consumer, context)),
      NextToken: more ? sealToken('consumers', { stream: stream.number, skip: skip + page.length }) : undefined,
    }
  },
})

function skipIn(token: string, stream: number): number {
  const page = openToken<{ readonly stream: number; readonly skip: number }>('consumers', token)
  if (page === undefined || page.stream !== stream) throw invalidArgument('The NextToken is not valid.')
  return page.skip
}
