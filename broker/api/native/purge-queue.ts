import { nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/** Deletes all messages that are in a queue now. */
export const purgeQueue: CallOperation = {
  method: 'POST',
  path: '/v1/queues/{queue}/purge',
  async run(broker, request) {
    await broker.queues.get(nameIn(request.params, 'queue')).purge()
    return { status: 204 }
  },
}
