import { nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/** Lets everything work again. */
export const deleteFaults: CallOperation = {
  method: 'DELETE',
  path: '/v1/streams/{stream}/faults',
  run(broker, request) {
    broker.streams.get(nameIn(request.params, 'stream')).faults.set(undefined)
    return { status: 204 }
  },
}
