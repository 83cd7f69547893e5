import { subscriptionArn } from '../../modes/topic-record.ts'
import { awsOperation } from '../aws/operation.ts'
import { required, text } from './members.ts'
import { topicAt } from './names.ts'

/** Confirms a subscription by the token that its endpoint got; from then on it gets what is published. */
export const confirmSubscription = awsOperation({
  name: 'ConfirmSubscription',
  anonymous: true,
  input: { TopicArn: required, Token: required, AuthenticateOnUnsubscribe: text },
  async run(broker, { TopicArn, Token, AuthenticateOnUnsubscribe = 'false' }, { anonymous }) {
    const topic = topicAt(broker, TopicArn)
    const authenticated = !anonymous && AuthenticateOnUnsubscribe.toLowerCase() === 'true'
    const record = await broker.topics.subscriptions.confirm(topic, Token, authenticated)
    return { SubscriptionArn: subscriptionArn(record) }
  },
})
