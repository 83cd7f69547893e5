import { peekMessages as peek } from '../../modes/queue-peek.ts'
import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/** Looks at messages without receiving them: `?limit=10&from=0` → `{messages, next?}`; go on with `from` the `next` of the last page. */
export const peekMessages: CallOperation = {
  method: 'GET',
  path: '/v1/queues/{queue}/messages',
  async run(broker, request) {
    const queue = broker.queues.get(nameIn(request.params, 'queue'))
    const fields = new Fields(request.query)
    const limit = fields.integer('limit', { min: 1, max: broker.limits.messagesPerCallMax }) ?? 10
    const from = fields.integer('from', { min: 0, max: Number.MAX_SAFE_INTEGER }) ?? 0
    fields.done()
    const { messages, ...more } = await peek(queue, from, limit)
    return { body: { messages: messages.map(({ body: data, ...each }) => ({ ...each, data })), ...more } }
  },
}
