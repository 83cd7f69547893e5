import type { Topic } from '../../modes/topic.ts'
import type { Published, TopicMessage } from '../../modes/topic-record.ts'
import { MillraceError } from '../../wire/errors.ts'
import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { messageIn } from './topic-fields.ts'

/**
 * Publishes messages, in this order; the answer comes when all queues and streams that get them have them on disk: for each `{id, sequence?,
 * duplicate}`, or `{error}` where others were published. All are read before any is; when all failed, the first error is the answer.
 */
export const publishMessages: CallOperation = {
  method: 'POST',
  path: '/v1/topics/{topic}/messages',
  async run({ topics, limits }, request) {
    const topic = topics.get(nameIn(request.params, 'topic'))
    const fields = new Fields(request.body)
    const given = fields.required('messages', fields.array('messages'))
    fields.done()
    const limit = limits.messagesPerCallMax
    if (given.length === 0 || given.length > limit) throw fields.invalid('messages', `must hold 1 to ${limit} messages`)
    const messages = given.map((each, i) => messageIn(new Fields(each, `messages[${i}].`), limits))
    const results = await Promise.all(messages.map((message) => outcomeOf(topic, message)))
    const first = results[0]
    if (first instanceof MillraceError && results.every((each) => each instanceof MillraceError)) throw first
    return {
      body: { messages: results.map((each) => (each instanceof MillraceError ? { error: each } : shown(each))) },
    }
  },
}

async function outcomeOf(topic: Topic, message: TopicMessage): Promise<Published | MillraceError> {
  try {
    return await topic.publish(message)
  } catch (error) {
    return MillraceError.wrap(error)
  }
}

function shown({ id, sequence, duplicate }: Published): object {
  return sequence === undefined ? { id, duplicate } : { id, sequence, duplicate }
}
