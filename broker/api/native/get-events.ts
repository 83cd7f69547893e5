import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { fromIn } from './get-records.ts'

/**
 * Reads one page of the events of a bus: `?from=horizon&limit=100`. Each comes as the text that is kept, so that no number in it is changed.
 * Reading goes on at `next`.
 */
export const getEvents: CallOperation = {
  method: 'GET',
  path: '/v1/buses/{bus}/events',
  async run({ buses, limits }, request) {
    const bus = buses.get(nameIn(request.params, 'bus'))
    const fields = new Fields(request.query)
    const from = fromIn(fields)
    const eventsMax = fields.integer('limit', { min: 1, max: limits.recordsPerCallMax }) ?? 100
    fields.done()
    const start = typeof from === 'object' && 'sequence' in from ? { sequences: { 0: from.sequence } } : from
    return { body: await buses.read(bus, start, { eventsMax, bytesMax: limits.getBytesMax }) }
  },
}
