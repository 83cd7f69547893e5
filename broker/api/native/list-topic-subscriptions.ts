import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { describeSubscription } from './topic-fields.ts'

/** A page of a topic's subscriptions: `?limit=100&after=NAME` → `{subscriptions, next?}`. */
export const listTopicSubscriptions: CallOperation = {
  method: 'GET',
  path: '/v1/topics/{topic}/subscriptions',
  run(broker, request) {
    const topic = broker.topics.get(nameIn(request.params, 'topic'))
    const fields = new Fields(request.query)
    const limit = fields.integer('limit', { min: 1, max: 1_000 }) ?? 100
    const after = fields.string('after') ?? ''
    fields.done()
    const all = [...topic.subscriptions.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
    const rest = all.filter(({ id }) => id > after)
    const subscriptions = rest.slice(0, limit).map((each) => describeSubscription(broker, each))
    return {
      body: rest.length > limit ? { subscriptions, next: subscriptions.at(-1)?.subscription } : { subscriptions },
    }
  },
}
