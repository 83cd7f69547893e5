import type { Broker } from '../../broker.ts'

/** What lies where and how it fares, as /v1/inspect tells it and /metrics too. */
export async function figuresOf(broker: Broker) {
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
  const functions = broker.functions.records.list().map(({ name }) => ({ name, ...broker.functions.counts.of(name) }))
  const bindings = broker.bindings.records.list().map((each) => {
    const { name, lag, paused, status } = broker.bindings.describe(each)
    return { name, lag, paused, ...(status === undefined ? {} : { status }) }
  })
  const { socketConnections: connected } = broker
  const sockets = {
    native: connected.gateway.size,
    apis: broker.socketApis.records.list().map(({ name: api }) => ({ api, sockets: connected.countOf(api) })),
  }
  const { rss: residentBytes, heapUsed: heapBytes, arrayBuffers: bufferBytes } = process.memoryUsage()
  const memory = { residentBytes, heapBytes, bufferBytes }
  return { log, memory, longStreams: broker.longStreams, streams, queues, functions, bindings, sockets }
}

export type Figures = Awaited<ReturnType<typeof figuresOf>>
