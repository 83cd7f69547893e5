import type { CallOperation } from '../operation.ts'

/**
 * What lies where: the log's segments and bytes, the process's memory, for each stream its shards, consumers, lags and group members, and
 * for each queue its messages. Resident memory counts the pages of the log that are mapped, which the system takes back when it needs them.
 */
export const inspect: CallOperation = {
  method: 'GET',
  path: '/v1/inspect',
  async run(broker) {
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
    const described = await Promise.all(broker.queues.list().map((queue) => queue.describe()))
    const queues = described.map(({ name, number, settings, visible, inFlight, delayed }) => ({
      name,
      number,
      fifo: settings.fifo,
      messages: { visible, inFlight, delayed },
    }))
    const { rss: residentBytes, heapUsed: heapBytes, arrayBuffers: bufferBytes } = process.memoryUsage()
    const memory = { residentBytes, heapBytes, bufferBytes }
    return { body: { log, memory, longStreams: broker.longStreams, streams, queues } }
  },
}
