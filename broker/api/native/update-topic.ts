import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { describeTopic, topicSettingsIn } from './topic-fields.ts'

/** Changes a topic's settings; those left out stay as they are. */
export const updateTopic: CallOperation = {
  method: 'PATCH',
  path: '/v1/topics/{topic}',
  async run({ topics, limits }, request) {
    const name = nameIn(request.params, 'topic')
    const fields = new Fields(request.body)
    const chosen = topicSettingsIn(fields, limits)
    fields.done()
    return { body: describeTopic(await topics.configure(name, (settings) => ({ ...settings, ...chosen }))) }
  },
}
