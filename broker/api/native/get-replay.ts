import { nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { describeReplay } from './archive-fields.ts'

/** How far a replay is. */
export const getReplay: CallOperation = {
  method: 'GET',
  path: '/v1/replays/{replay}',
  run(broker, request) {
    return { body: describeReplay(broker, broker.replays.get(nameIn(request.params, 'replay'))) }
  },
}
