import { MillraceError } from '../../wire/errors.ts'
import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { describeTopic, topicSettingsIn } from './topic-fields.ts'

const owner = { region: 'us-east-1', account: '000000000000' }

/**
 * Creates a topic and answers with its description; FIFO when its name ends in `.fifo` or `fifo` says so. One that exists already with the
 * same settings is answered as it is.
 * @throws topic_exists when it has others, limit_exceeded
 */
export const createTopic: CallOperation = {
  method: 'PUT',
  path: '/v1/topics/{topic}',
  async run({ topics, limits }, request) {
    const name = nameIn(request.params, 'topic')
    const fields = new Fields(request.body)
    const fifo = fields.boolean('fifo') ?? name.endsWith('.fifo')
    if (!fifo && name.endsWith('.fifo')) throw fields.invalid('fifo', 'must be true for a name that ends in .fifo')
    const chosen = { fifo, ...topicSettingsIn(fields, limits) }
    fields.done()
    if (!fifo && (chosen.archiveDays ?? 0) > 0) throw fields.invalid('archiveDays', 'is for FIFO topics')
    let status = 201
    const topic = await topics.create(name, chosen, owner, ({ settings }) => {
      status = 200
      for (const [setting, value] of Object.entries(chosen)) {
        if (JSON.stringify(value) === JSON.stringify(settings[setting as keyof typeof settings])) continue
        throw new MillraceError('topic_exists', { topic: name, setting })
      }
    })
    return { status, body: describeTopic(topic) }
  },
}
