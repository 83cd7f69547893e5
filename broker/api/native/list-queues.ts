import { Fields } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { describeQueue } from './queue-fields.ts'

/** A page of queues, by name: `?limit=100&after=NAME&prefix=` → `{queues, next?}`. */
export const listQueues: CallOperation = {
  method: 'GET',
  path: '/v1/queues',
  async run(broker, request) {
    const fields = new Fields(request.query)
    const limit = fields.integer('limit', { min: 1, max: 1_000 }) ?? 100
    const after = fields.name('after') ?? ''
    const prefix = fields.name('prefix') ?? ''
    fields.done()
    const rest = broker.queues.list().filter(({ name }) => name > after && name.startsWith(prefix))
    const page = await Promise.all(rest.slice(0, limit).map((queue) => queue.describe()))
    const queues = page.map(describeQueue)
    return { body: rest.length > limit ? { queues, next: queues.at(-1)?.name } : { queues } }
  },
}
