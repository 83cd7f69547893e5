import { nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { describeReplay } from './archive-fields.ts'

/**
 * Ends a replay; events that are being handed out are still handed out.
 * @throws replay_not_found, replay_over
 */
export const cancelReplay: CallOperation = {
  method: 'POST',
  path: '/v1/replays/{replay}/cancel',
  async run(broker, request) {
    return { body: describeReplay(broker, await broker.replays.cancel(nameIn(request.params, 'replay'))) }
  },
}
