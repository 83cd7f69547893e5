import { nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/** What is set to go wrong with a stream, with the failures that are left; `{}` when nothing is. */
export const getFaults: CallOperation = {
  method: 'GET',
  path: '/v1/streams/{stream}/faults',
  run(broker, request) {
    return { body: broker.streams.get(nameIn(request.params, 'stream')).faults.current ?? {} }
  },
}
