import { awsOperation } from '../aws/operation.ts'
import { authorizationError } from './errors.ts'
import { required } from './members.ts'
import { subscriptionAt } from './names.ts'

/** Ends a subscription: by its owner, or by whoever follows the link in a message. */
export const unsubscribe = awsOperation({
  name: 'Unsubscribe',
  anonymous: true,
  input: { SubscriptionArn: required },
  async run(broker, { SubscriptionArn }, { anonymous }) {
    const { topic, subscription } = subscriptionAt(broker, SubscriptionArn)
    if (anonymous && subscription.authenticated) {
      throw authorizationError('This subscription may be ended by its owner only: AuthenticateOnUnsubscribe is set')
    }
    await broker.topics.subscriptions.remove(topic, subscription.id)
    return undefined
  },
})
