import { awsOperation } from '../aws/operation.ts'
import { attributeMap, required } from './members.ts'
import { subscriptionAt } from './names.ts'
import { attributesOf } from './subscription-attributes.ts'

export const getSubscriptionAttributes = awsOperation({
  name: 'GetSubscriptionAttributes',
  input: { SubscriptionArn: required },
  run(broker, { SubscriptionArn }) {
    const { topic, subscription } = subscriptionAt(broker, SubscriptionArn)
    return { Attributes: attributesOf(topic, subscription) }
  },
  output: { Attributes: attributeMap },
})
