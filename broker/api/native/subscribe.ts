import type { Broker } from '../../broker.ts'
import type { SubscribeFrom, SubscribeOptions } from '../../modes/stream.ts'
import { Fields, nameIn } from '../fields.ts'
import type { StreamOperation } from '../operation.ts'
import { Reading } from './reading.ts'

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
      void new Reading(broker, channel).begin((sink) => stream.subscribe(options, sink))
    }
  },
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

/** Where a subscription begins: `horizon`, `latest`, `{time}` or `{sequences}`. */
export function fromIn(fields: Fields): SubscribeFrom {
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
