import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { busSettingsIn, describeBus, nativeOwner } from './bus-fields.ts'

/**
 * Creates a bus and answers with its description.
 * @throws bus_exists, limit_exceeded
 */
export const createBus: CallOperation = {
  method: 'PUT',
  path: '/v1/buses/{bus}',
  async run({ buses, limits }, request) {
    const name = nameIn(request.params, 'bus')
    const fields = new Fields(request.body)
    const settings = busSettingsIn(fields, { min: limits.retentionMillisMin, max: limits.retentionMillisMax })
    fields.done()
    const bus = await buses.create(name, { ...settings, carried: {}, tags: {} }, nativeOwner)
    return { status: 201, body: describeBus(bus) }
  },
}
