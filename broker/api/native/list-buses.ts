import type { CallOperation } from '../operation.ts'
import { describeBus } from './bus-fields.ts'

/** All buses, by name. */
export const listBuses: CallOperation = {
  method: 'GET',
  path: '/v1/buses',
  run({ buses }) {
    return { body: { buses: buses.list().map(describeBus) } }
  },
}
