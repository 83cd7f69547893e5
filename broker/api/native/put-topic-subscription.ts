import { MillraceError } from '../../wire/errors.ts'
import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { describeSubscription, requireTarget, subscriptionSettingsIn, subscriptionTargetIn } from './topic-fields.ts'

const owner = { region: 'us-east-1', account: '000000000000' }

/**
 * Subscribes, or changes a subscription to the same target: `{target, raw?, filter?, filterScope?, deadLetter?, deliveryPolicy?}`.
 * @throws topic_not_found, subscription_exists when it has another target, policy_invalid, queue_not_found, stream_not_found,
 * function_not_found
 */
export const putTopicSubscription: CallOperation = {
  method: 'PUT',
  path: '/v1/topics/{topic}/subscriptions/{subscription}',
  async run(broker, request) {
    const { topics, queues } = broker
    const topic = topics.get(nameIn(request.params, 'topic'))
    const id = nameIn(request.params, 'subscription')
    const fields = new Fields(request.body)
    const target = subscriptionTargetIn(fields)
    const settings = subscriptionSettingsIn(fields, target)
    fields.done()
    requireTarget(broker, topic, target)
    if (settings.deadLetter !== undefined) queues.get(settings.deadLetter)
    const there = topic.subscriptions.get(id)
    if (there === undefined) {
      const { kind: protocol } = target
      const endpoint = JSON.stringify(target)
      const origin = broker.origin()
      const made = { id, protocol, endpoint, target, settings, ...owner, origin, confirm: false }
      return { status: 201, body: describeSubscription(broker, await topics.subscriptions.add(topic, made)) }
    }
    if (JSON.stringify(there.target) !== JSON.stringify(target))
      throw new MillraceError('subscription_exists', { topic: topic.name, subscription: id })
    const changed = await topics.subscriptions.configure(topic, id, ({ kept }) => ({ ...settings, kept }))
    return { body: describeSubscription(broker, changed) }
  },
}
