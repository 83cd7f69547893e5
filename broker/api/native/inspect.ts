import type { CallOperation } from '../operation.ts'

/** What lies where: the log's segments and bytes, and for each stream its shards, consumers, lags and group members. */
export const inspect: CallOperation = {
  method: 'GET',
  path: '/v1/inspect',
  run(broker) {
    const segments = broker.logs.store.segments()
    const { commits, inFlightBytes } = broker.logs.committer
    const log = {
      bytes: segments.reduce((sum, segment) => sum + segment.bytes, 0),
      segments: segments.map(({ first, end, bytes, sealed }) => ({ first, commits: end - first, bytes, sealed })),
      commits,
      inFlightBytes,
    }
    const streams = broker.streams.list().map((stream) => ({
      ...stream.summary(),
      shards: stream.describe().shards.map(({ shard, status, first, next }) => ({ shard, status, first, next })),
      consumers: stream.consumers(),
      groups: stream.groups(),
    }))
    return { body: { log, longStreams: broker.longStreams, streams } }
  },
}
