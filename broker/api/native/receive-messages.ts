import { Fields } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { queueIn, showMessage } from './queue-fields.ts'

/**
 * Receives messages: `{max?: 10, waitMillis?, visibilityMillis?, attemptId?}` → `{messages}`, empty when none came in time. Times that
 * are left out are the queue's own.
 * @throws in_flight_limit
 */
export const receiveMessages: CallOperation = {
  method: 'POST',
  path: '/v1/queues/{queue}/receive',
  async run(broker, request) {
    const queue = queueIn(broker, request.params)
    const { limits } = broker
    const fields = new Fields(request.body)
    const options = {
      max: fields.integer('max', { min: 1, max: limits.messagesPerCallMax }) ?? 10,
      waitMillis: fields.integer('waitMillis', { min: 0, max: limits.waitMillisMax }),
      visibilityMillis: fields.integer('visibilityMillis', { min: 0, max: limits.visibilityMillisMax }),
      attemptId: fields.string('attemptId'),
    }
    fields.done()
    const messages = await broker.waiting(request.signal, (signal) => queue.receive({ ...options, signal }))
    return { body: { messages: messages.map(showMessage) } }
  },
}
