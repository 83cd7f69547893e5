import { nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/** Ends a subscription, and drops what still waits for it; what a queue or a stream has got stays there. */
export const deleteTopicSubscription: CallOperation = {
  method: 'DELETE',
  path: '/v1/topics/{topic}/subscriptions/{subscription}',
  async run({ topics }, request) {
    const topic = topics.get(nameIn(request.params, 'topic'))
    await topics.subscriptions.remove(topic, nameIn(request.params, 'subscription'))
    return { status: 204 }
  },
}
