import { nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/**
 * Deletes a bus, its events and its archives.
 * @throws bus_not_found, bus_kept when it has rules, or is the default bus
 */
export const deleteBus: CallOperation = {
  method: 'DELETE',
  path: '/v1/buses/{bus}',
  async run({ buses, archives }, request) {
    const name = nameIn(request.params, 'bus')
    await buses.delete(name)
    await archives.forget(name)
    return { status: 204 }
  },
}
