import { MillraceError } from '../../wire/errors.ts'
import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { booleanIn, describeQueue, queueSettingsIn } from './queue-fields.ts'

/**
 * Creates a queue and answers with its description; FIFO when its name ends in `.fifo` or `fifo` says so. One that exists already
 * with the same settings is answered as it is.
 * @throws queue_exists when it has others, dead_letter_invalid, limit_exceeded
 */
export const createQueue: CallOperation = {
  method: 'PUT',
  path: '/v1/queues/{queue}',
  async run(broker, request) {
    const name = nameIn(request.params, 'queue')
    const fields = new Fields(request.body)
    const fifo = booleanIn(fields, 'fifo') ?? name.endsWith('.fifo')
    if (!fifo && name.endsWith('.fifo')) throw fields.invalid('fifo', 'must be true for a name that ends in .fifo')
    const chosen = { fifo, ...queueSettingsIn(fields, broker.limits) }
    fields.done()
    let status = 201
    const queue = await broker.queues.create(name, chosen, ({ settings }) => {
      status = 200
      for (const [setting, value] of Object.entries(chosen)) {
        if (JSON.stringify(value) === JSON.stringify(settings[setting as keyof typeof settings])) continue
        throw new MillraceError('queue_exists', { queue: name, setting })
      }
    })
    return { status, body: describeQueue(await queue.describe()) }
  },
}
