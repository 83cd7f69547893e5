import type { SubscribeFrom } from '../../modes/stream.ts'
import { Fields, nameIn } from '../fields.ts'
import type { StreamOperation } from '../operation.ts'
import { EventSink, positionsIn } from './event-sink.ts'
import { Reading } from './reading.ts'

/**
 * A stream's records as server-sent events, for pages that can do with reading: `?from=latest`, or horizon, or a time. A browser that lost its
 * connection says with `last-event-id` where it was, and reading goes on there. See docs/wire.md, "Server-sent events".
 */
export const tailEvents: StreamOperation = {
  method: 'GET',
  path: '/v1/streams/{stream}/events',
  takes: 'query',
  contentType: 'text/event-stream',
  prepare(broker, request) {
    const stream = broker.streams.get(nameIn(request.params, 'stream'))
    const fields = new Fields(request.query)
    const from = request.lastEventId ? { sequences: positionsIn(request.lastEventId) } : fromIn(fields)
    fields.raw('from')
    fields.raw('token')
    fields.done()
    broker.requireTaking()
    return (channel) => {
      void new Reading(broker, channel, new EventSink(channel)).begin((sink) => stream.subscribe({ from }, sink))
    }
  },
}

function fromIn(fields: Fields): SubscribeFrom {
  const from = fields.string('from') ?? 'latest'
  if (from === 'horizon' || from === 'latest') return from
  const time = /^\d{4}-\d\d-\d\dT/.test(from) ? Date.parse(from) : Number.NaN
  if (Number.isNaN(time)) throw fields.invalid('from', 'must be horizon, latest or an ISO 8601 time')
  return { time }
}
