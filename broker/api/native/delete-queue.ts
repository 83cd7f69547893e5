import { nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/** Deletes a queue and all its messages; whoever waits for some is told. */
export const deleteQueue: CallOperation = {
  method: 'DELETE',
  path: '/v1/queues/{queue}',
  async run(broker, request) {
    await broker.queues.delete(nameIn(request.params, 'queue'))
    return { status: 204 }
  },
}
