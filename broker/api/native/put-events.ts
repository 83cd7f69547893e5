import type { BusEvent } from '../../modes/bus-event.ts'
import { MillraceError } from '../../wire/errors.ts'
import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { nativeOwner } from './bus-fields.ts'

const year2100 = 4_102_444_800_000

/**
 * Puts events, `{events: [{source, type, detail, resources?, time?}]}`; the answer comes when all are durable, and with them what they led to
 * in queues and streams. All are checked before any is taken.
 * @throws bus_not_found, event_malformed, publication_too_large
 */
export const putEvents: CallOperation = {
  method: 'POST',
  path: '/v1/buses/{bus}/events',
  async run({ buses, limits }, request) {
    const bus = buses.get(nameIn(request.params, 'bus'))
    const fields = new Fields(request.body)
    const given = fields.required('events', fields.array('events'))
    fields.done()
    const limit = limits.recordsPerCallMax
    if (given.length === 0 || given.length > limit) throw fields.invalid('events', `must hold 1 to ${limit} events`)
    const events: BusEvent[] = given.map((each, i) =>
      buses.prepare(eventIn(new Fields(each, `events[${i}].`), limits.eventsBytesMax), nativeOwner),
    )
    await buses.publish(events.map((event) => ({ bus, event })))
    return { body: { events: events.map(({ id }) => ({ id })) } }
  },
}

function eventIn(fields: Fields, bytesMax: number) {
  const source = fields.required('source', fields.string('source'))
  const detailType = fields.required('type', fields.string('type'))
  const raw = fields.raw('detail') ?? {}
  const time = fields.integer('time', { min: 0, max: year2100 })
  const resources = (fields.array('resources') ?? []).map((each) => {
    if (typeof each === 'string') return each
    throw fields.invalid('resources', 'must be an array of strings')
  })
  fields.done()
  if (source === '' || detailType === '') throw fields.invalid(source === '' ? 'source' : 'type', 'must not be empty')
  if (typeof raw !== 'object' || raw instanceof Uint8Array) throw fields.invalid('detail', 'must be an object')
  const detail = JSON.stringify(raw)
  const bytes = Buffer.byteLength(detail)
  if (bytes > bytesMax) throw new MillraceError('record_too_large', { bytes, limit: bytesMax })
  return { source, detailType, detail, resources, ...(time === undefined ? {} : { time }) }
}
