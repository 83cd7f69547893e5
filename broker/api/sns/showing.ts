import { type SubscriptionRecord, subscriptionArn, topicArn } from '../../modes/topic-record.ts'

/** A subscription as lists have it. */
export function showSubscription(record: SubscriptionRecord): object {
  const { token, account, region, protocol, endpoint, topic } = record
  return {
    SubscriptionArn: token === undefined ? subscriptionArn(record) : 'PendingConfirmation',
    Owner: account,
    Protocol: protocol,
    Endpoint: endpoint,
    TopicArn: topicArn({ name: topic, region, account }),
  }
}
