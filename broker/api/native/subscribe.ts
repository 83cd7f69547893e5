import type { Broker, LongStream } from '../../broker.ts'
import { FrameSink } from '../../log/frame-sink.ts'
import type { Subscription } from '../../log/subscription.ts'
import type { Stream, SubscribeFrom, SubscribeOptions } from '../../modes/stream.ts'
import type { Channel } from '../../wire/channel.ts'
import { MillraceError } from '../../wire/errors.ts'
import { frameTypes, jsonFrame } from '../../wire/frame.ts'
import { Fields, nameIn } from '../fields.ts'
import type { StreamOperation } from '../operation.ts'

/** Opens a subscription; see docs/wire.md, "Subscription". */
export const subscribe: StreamOperation = {
  method: 'POST',
  path: '/v1/streams/{stream}/subscribe',
  takes: 'body',
  prepare(broker, request) {
    const stream = broker.streams.get(nameIn(request.params, 'stream'))
    const options = optionsIn(broker, new Fields(request.body))
    for (const shard of options.shards ?? []) stream.log.shard(shard)
    broker.requireTaking()
    return (channel) => {
      void new Reading(broker, channel).begin(stream, options)
    }
  },
}

/** A subscription and the channel it goes out through. */
class Reading implements LongStream {
  readonly #broker: Broker
  readonly #channel: Channel
  #subscription: Subscription | undefined
  /** Set when it was to end before it had begun. */
  #over: 'drain' | 'close' | undefined

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

  /** Reads until either side ends it; whatever goes wrong is told to the reader. */
  async begin(stream: Stream, options: SubscribeOptions): Promise<void> {
    try {
      const subscription = await stream.subscribe(options, new FrameSink(this.#channel, this.#broker.clock))
      this.#subscription = subscription
      if (this.#over === 'drain') subscription.drain()
      if (this.#over === 'close') subscription.close()
    } catch (cause) {
      const error = MillraceError.wrap(cause)
      if (error.code === 'internal') this.#broker.onFault(cause)
      this.#channel.write(jsonFrame(frameTypes.error, 0, error))
      this.#channel.end()
    }
  }

  drain(): void {
    if (this.#subscription === undefined) this.#over ??= 'drain'
    else this.#subscription.drain()
  }

  #closed(): void {
    this.#over = 'close'
    this.#subscription?.close()
    this.#broker.remove(this)
  }
}

function optionsIn(broker: Broker, fields: Fields): SubscribeOptions {
  const from = fromIn(fields)
  const consumer = fields.name('consumer')
  const shards = fields.shards('shards')
  const { heartbeatMillisMin: min, heartbeatMillisMax: max } = broker.limits
  const heartbeatMillis = fields.integer('heartbeatMillis', { min, max })
  fields.done()
  return {
    from,
    ...(consumer === undefined ? {} : { consumer }),
    ...(shards === undefined ? {} : { shards }),
    ...(heartbeatMillis === undefined ? {} : { heartbeatMillis }),
  }
}

function fromIn(fields: Fields): SubscribeFrom {
  const from = fields.raw('from') ?? 'horizon'
  if (from === 'horizon' || from === 'latest') return from
  if (typeof from !== 'object') throw fields.invalid('from', 'must be "horizon", "latest", {time} or {sequences}')
  const each = new Fields(from, 'from.')
  const time = each.integer('time', { min: 0, max: Number.MAX_SAFE_INTEGER })
  const sequences = each.byShard('sequences')
  each.done()
  if ((time === undefined) === (sequences === undefined)) {
    throw fields.invalid('from', 'must have either time or sequences')
  }
  if (time !== undefined) return { time }
  const bounds = { min: 0, max: Number.MAX_SAFE_INTEGER }
  const read = new Fields(Object.fromEntries(sequences ?? []), 'from.sequences.')
  return {
    sequences: Object.fromEntries(
      [...(sequences?.keys() ?? [])].map((shard) => [
        shard,
        read.required(`${shard}`, read.integer(`${shard}`, bounds)),
      ]),
    ),
  }
}
