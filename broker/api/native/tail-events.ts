import type { Broker, LongStream } from '../../broker.ts'
import type { Subscription } from '../../log/subscription.ts'
import type { Stream, SubscribeFrom } from '../../modes/stream.ts'
import type { Channel } from '../../wire/channel.ts'
import { MillraceError } from '../../wire/errors.ts'
import { Fields, nameIn } from '../fields.ts'
import type { StreamOperation } from '../operation.ts'
import { EventSink, positionsIn } from './event-sink.ts'

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
      void new EventReading(broker, channel).begin(stream, from)
    }
  },
}

/** A reading of a stream, and the channel its events go out through. */
class EventReading implements LongStream {
  readonly #broker: Broker
  readonly #channel: Channel
  #subscription: Subscription | undefined
  #over = false

  constructor(broker: Broker, channel: Channel) {
    this.#broker = broker
    this.#channel = channel
    broker.add(this)
    channel.listen({
      data: () => undefined,
      end: () => undefined,
      drain: () => this.#subscription?.resume(),
      closed: () => this.#closed(),
    })
    channel.resume()
  }

  /** Reads until either side ends it. */
  async begin(stream: Stream, from: SubscribeFrom): Promise<void> {
    const sink = new EventSink(this.#channel)
    try {
      this.#subscription = await stream.subscribe({ from }, sink)
      if (this.#over) this.drain()
    } catch (cause) {
      const error = MillraceError.wrap(cause)
      if (error.code === 'internal') this.#broker.onFault(cause)
      sink.fail(error)
      sink.end()
    }
  }

  drain(): void {
    this.#over = true
    this.#subscription?.drain()
  }

  #closed(): void {
    this.#over = true
    this.#subscription?.close()
    this.#broker.remove(this)
  }
}

function fromIn(fields: Fields): SubscribeFrom {
  const from = fields.string('from') ?? 'latest'
  if (from === 'horizon' || from === 'latest') return from
  const time = /^\d{4}-\d\d-\d\dT/.test(from) ? Date.parse(from) : Number.NaN
  if (Number.isNaN(time)) throw fields.invalid('from', 'must be horizon, latest or an ISO 8601 time')
  return { time }
}
