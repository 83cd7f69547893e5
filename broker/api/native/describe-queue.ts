import { nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { describeQueue as describe } from './queue-fields.ts'

/** A queue's settings, and how many messages it holds. */
export const describeQueue: CallOperation = {
  method: 'GET',
  path: '/v1/queues/{queue}',
  async run(broker, request) {
    return { body: describe(await broker.queues.get(nameIn(request.params, 'queue')).describe()) }
  },
}
