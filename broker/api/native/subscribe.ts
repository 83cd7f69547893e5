import type { Broker } from '../../broker.ts'
import { FrameSink } from '../../log/frame-sink.ts'
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
      begin(broker, stream, options, channel).catch((error: unknown) => {
        channel.write(jsonFrame(frameTypes.error, 0, MillraceError.wrap(error)))
        channel.end()
      })
    }
  },
}

async function begin(broker: Broker, stream: Stream, options: SubscribeOptions, channel: Channel): Promise<void> {
  let closed = false
  const subscribing = stream.subscribe(options, new FrameSink(channel, broker.clock))
  const longStream = {
    drain: () => {
      subscribing.then((subscription) => subscription.drain()).catch(broker.onFault)
    },
  }
  broker.add(longStream)
  channel.listen({
    data: () => undefined,
    end: () => undefined,
    drain: () => {
      subscribing.then((subscription) => subscription.resume()).catch(broker.onFault)
    },
    closed: () => {
      closed = true
      broker.remove(longStream)
      // A subscription that could not begin has said so, and has nothing to close.
      subscribing.then((subscription) => subscription.close()).catch(() => undefined)
    },
  })
  channel.resume()
  await subscribing.catch((error: unknown) => {
    if (!closed) throw error
  })
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
