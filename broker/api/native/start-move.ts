import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/**
 * Starts to move the messages of a queue that can be received now to `destination`, or each to the queue whose dead letter it is, at
 * most `perSecondMax` a second. Answers with the task.
 * @throws task_running, queue_not_found
 */
export const startMove: CallOperation = {
  method: 'POST',
  path: '/v1/queues/{queue}/moves',
  async run(broker, request) {
    const queue = broker.queues.get(nameIn(request.params, 'queue'))
    const fields = new Fields(request.body)
    const destination = fields.name('destination')
    const perSecondMax = fields.integer('perSecondMax', { min: 1, max: broker.limits.moveRateMax })
    fields.done()
    const task = await queue.tasks.start({
      ...(destination === undefined ? {} : { destination }),
      ...(perSecondMax === undefined ? {} : { perSecondMax }),
    })
    return { status: 201, body: task }
  },
}
