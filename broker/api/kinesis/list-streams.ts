import { awsOperation } from '../aws/operation.ts'
import { nextToken, streamName } from './members.ts'
import { streamArnOf } from './names.ts'

const streamsPerAnswerMax = 100

/** Streams in the order of their names, a page at a time. */
export const listStreams = awsOperation({
  name: 'ListStreams',
  input: {
    Limit: { type: 'integer', min: 1, max: 10_000 },
    ExclusiveStartStreamName: streamName,
    NextToken: nextToken,
  },
  run(broker, input, context) {
    const limit = Math.min(input.Limit ?? streamsPerAnswerMax, streamsPerAnswerMax)
    const after = input.NextToken ?? input.ExclusiveStartStreamName ?? ''
    const streams = broker.streams.list().filter((stream) => stream.name > after)
    const page = streams.slice(0, limit)
    return {
      StreamNames: page.map((stream) => stream.name),
      HasMoreStreams: streams.length > page.length,
      // AWS gives a token for every full page, even when the next one is empty.
      NextToken: page.length === limit ? page.at(-1)?.name : undefined,
      StreamSummaries: page.map(({ name, log, profile }) => ({
        StreamName: name,
        StreamARN: streamArnOf(name, context),
        StreamStatus: 'ACTIVE',
        StreamModeDetails: { StreamMode: profile.current.mode },
        StreamCreationTimestamp: new Date(log.createdAt),
      })),
    }
  },
})
