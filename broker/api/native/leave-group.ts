import { nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/** Takes a member out of its group; its shards go to others at once. */
export const leaveGroup: CallOperation = {
  method: 'DELETE',
  path: '/v1/streams/{stream}/groups/{group}/members/{member}',
  async run(broker, request) {
    const stream = broker.streams.get(nameIn(request.params, 'stream'))
    await stream.leave(nameIn(request.params, 'group'), nameIn(request.params, 'member'))
    return { status: 204 }
  },
}
