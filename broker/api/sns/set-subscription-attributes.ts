import { awsOperation } from '../aws/operation.ts'
import { required, text } from './members.ts'
import { subscriptionAt } from './names.ts'
import { requireArchive, withAttribute } from './subscription-attributes.ts'

export const setSubscriptionAttributes = awsOperation({
  name: 'SetSubscriptionAttributes',
  input: { SubscriptionArn: required, AttributeName: required, AttributeValue: text },
  async run(broker, { SubscriptionArn, AttributeName, AttributeValue = '' }) {
    const { topic, subscription } = subscriptionAt(broker, SubscriptionArn)
    if (AttributeName === 'ReplayPolicy') requireArchive(topic)
    await broker.topics.subscriptions.configure(topic, subscription.id, (settings) =>
      withAttribute(settings, AttributeName, AttributeValue),
    )
    return undefined
  },
})
