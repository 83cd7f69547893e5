import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { describeQueue, queueSettingsIn } from './queue-fields.ts'

/** Changes a queue's settings; those left out stay as they are, `deadLetter: null` takes the dead-letter queue away. */
export const updateQueue: CallOperation = {
  method: 'PATCH',
  path: '/v1/queues/{queue}',
  async run(broker, request) {
    const name = nameIn(request.params, 'queue')
    const fields = new Fields(request.body)
    const chosen = queueSettingsIn(fields, broker.limits)
    fields.done()
    const queue = await broker.queues.configure(name, (settings) => ({ ...settings, ...chosen }))
    return { body: describeQueue(await queue.describe()) }
  },
}
