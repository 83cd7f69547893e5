import { awsOperation } from '../aws/operation.ts'
import { required, text } from './members.ts'
import { topicAt } from './names.ts'
import { pageOf } from './pages.ts'
import { showSubscription } from './showing.ts'

/** The subscriptions of a topic, 100 at a time. */
export const listSubscriptionsByTopic = awsOperation({
  name: 'ListSubscriptionsByTopic',
  input: { TopicArn: required, NextToken: text },
  run(broker, { TopicArn, NextToken }) {
    const all = [...topicAt(broker, TopicArn).subscriptions.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
    const { page, next } = pageOf(all, ({ id }) => id, NextToken)
    return { Subscriptions: page.map(showSubscription), NextToken: next }
  },
})
