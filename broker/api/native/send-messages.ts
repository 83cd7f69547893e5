import { MillraceError } from '../../wire/errors.ts'
import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { messageIn } from './queue-fields.ts'

/**
 * Sends messages, in this order; the answer comes when all are durable: for each `{id, sequence, time, duplicate}`, or `{error}` where
 * others were taken. All are read before any is taken; when all failed, the first error is the answer.
 */
export const sendMessages: CallOperation = {
  method: 'POST',
  path: '/v1/queues/{queue}/messages',
  async run(broker, request) {
    const queue = broker.queues.get(nameIn(request.params, 'queue'))
    const fields = new Fields(request.body)
    const given = fields.required('messages', fields.array('messages'))
    fields.done()
    const limit = broker.limits.messagesPerCallMax
    if (given.length === 0 || given.length > limit) throw fields.invalid('messages', `must hold 1 to ${limit} messages`)
    const messages = given.map((each, i) => messageIn(new Fields(each, `messages[${i}].`), broker.limits))
    const results = await queue.send(messages)
    const first = results[0]
    if (first instanceof MillraceError && results.every((each) => each instanceof MillraceError)) throw first
    return { body: { messages: results.map((each) => (each instanceof MillraceError ? { error: each } : each)) } }
  },
}
