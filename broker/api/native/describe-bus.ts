import { nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { describeBus as description } from './bus-fields.ts'

/** A bus, and where its log ends. */
export const describeBus: CallOperation = {
  method: 'GET',
  path: '/v1/buses/{bus}',
  run({ buses }, request) {
    return { body: description(buses.get(nameIn(request.params, 'bus'))) }
  },
}
