import type { CallOperation } from '../operation.ts'
import { describeReplay } from './archive-fields.ts'

/** All replays that are remembered, by name, and how far they are. */
export const listReplays: CallOperation = {
  method: 'GET',
  path: '/v1/replays',
  run(broker) {
    return { body: { replays: broker.replays.records.list().map((record) => describeReplay(broker, record)) } }
  },
}
