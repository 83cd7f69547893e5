import { nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/** Deletes a topic with all its subscriptions, and what still waits for them. */
export const deleteTopic: CallOperation = {
  method: 'DELETE',
  path: '/v1/topics/{topic}',
  async run({ topics }, request) {
    await topics.delete(nameIn(request.params, 'topic'))
    return { status: 204 }
  },
}
