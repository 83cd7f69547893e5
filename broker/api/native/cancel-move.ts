import { nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/** Cancels a running move task; answers, once it has stopped, with what it came to. */
export const cancelMove: CallOperation = {
  method: 'DELETE',
  path: '/v1/queues/{queue}/moves/{move}',
  async run(broker, request) {
    const queue = broker.queues.get(nameIn(request.params, 'queue'))
    return { body: await queue.tasks.cancel(nameIn(request.params, 'move')) }
  },
}
