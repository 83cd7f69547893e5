import { nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/**
 * Forgets a consumer and its checkpoints.
 * @throws consumer_not_found
 */
export const deleteConsumer: CallOperation = {
  method: 'DELETE',
  path: '/v1/streams/{stream}/consumers/{consumer}',
  async run(broker, request) {
    await broker.streams.get(nameIn(request.params, 'stream')).deleteConsumer(nameIn(request.params, 'consumer'))
    return { status: 204 }
  },
}
