import { awsOperation } from '../aws/operation.ts'
import { nextToken, streamName } from './members.ts'
import { streamArnOf } from './names.ts'

/** Names of streams in order, a page at a time. */
export const listStreams = awsOperation({
  name: 'ListStreams',
  input: {
    Limit: { type: 'integer', min: 1, max: 10_000 },
    ExclusiveStartStreamName: streamName,
    NextToken: nextToken,
  },
  run(broker, input, context) {
    const limit = Math.min(input.Limit ?? 100, 100)
    const after = input.NextToken ?? input.ExclusiveStartStreamName ?? ''
    const streams = broker.streams.list().filter((stream) => stream.name > after)
    const page = streams.slice(0, limit)
    const last = page.at(-1)?.name
    return {
      StreamNames: page.map((stream) => stream.name),
      HasMoreStreams: streams.length > page.length,
      // AWS gives a token for every full page, even when the next one is empty.
      NextToken: page.length === limit ? last : undefined,
      StreamSummaries: page.map((stream) => ({
        StreamName: stream.name,
        StreamARN: streamArnOf(stream.name, context),
        StreamStatus: 'ACTIVE',
        StreamModeDetails: { StreamMode: 'PROVISIONED' },
        StreamCreationTimestamp: new Date(stream.log.createdAt),
      })),
    }
  },
})
