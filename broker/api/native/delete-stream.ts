import { nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/** Deletes a stream, its records and its consumers. */
export const deleteStream: CallOperation = {
  method: 'DELETE',
  path: '/v1/streams/{stream}',
  async run(broker, request) {
    await broker.streams.delete(nameIn(request.params, 'stream'))
    return { status: 204 }
  },
}
