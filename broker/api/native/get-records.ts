import type { From } from '../../modes/stream.ts'
import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/**
 * Reads one page of one shard: `?shard=0&from=horizon&limit=100`. Reading goes on at `next`; `children` is there once a closed
 * shard is read to its end.
 */
export const getRecords: CallOperation = {
  method: 'GET',
  path: '/v1/streams/{stream}/records',
  async run(broker, request) {
    const stream = broker.streams.get(nameIn(request.params, 'stream'))
    const fields = new Fields(request.query)
    const shard = fields.shard('shard') ?? 0
    const from = fromIn(fields)
    const recordsMax = fields.integer('limit', { min: 1, max: broker.limits.recordsPerCallMax }) ?? 100
    fields.done()
    const page = await stream.read(shard, from, { recordsMax, bytesMax: broker.limits.getBytesMax })
    const records = page.records.map((record) => ({ shard, ...record }))
    return { body: { ...page, records } }
  },
}

/** Where a page begins: `horizon`, `latest`, a sequence or a time. */
export function fromIn(fields: Fields): From {
  const from = fields.string('from') ?? 'horizon'
  if (from === 'horizon' || from === 'latest') return from
  if (/^\d{1,16}$/.test(from) && Number.isSafeInteger(Number(from))) return { sequence: Number(from) }
  // Node reads many formats; only the one that has a date and a time is not ambiguous.
  const time = /^\d{4}-\d\d-\d\dT/.test(from) ? Date.parse(from) : Number.NaN
  if (Number.isNaN(time)) throw fields.invalid('from', 'must be horizon, latest, a sequence or an ISO 8601 time')
  return { time }
}
