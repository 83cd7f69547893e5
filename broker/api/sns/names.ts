import type { Broker } from '../../broker.ts'
import type { Topic } from '../../modes/topic.ts'
import type { SubscriptionRecord } from '../../modes/topic-record.ts'
import { invalidParameter, notFound } from './errors.ts'

/**
 * The topic that an ARN is of; region and account don't matter here.
 * @throws AwsError InvalidParameter, NotFound
 */
export function topicAt({ topics }: Broker, arn: string | undefined, parameter = 'TopicArn'): Topic {
  const [name = '', ...more] = partsOf(arn, parameter)
  if (more.length > 0) throw invalidParameter(parameter)
  const topic = topics.find(name)
  if (topic === undefined) throw notFound('Topic')
  return topic
}

/**
 * The subscription that an ARN is of, and its topic.
 * @throws AwsError InvalidParameter, NotFound
 */
export function subscriptionAt(
  { topics }: Broker,
  arn: string | undefined,
): { readonly topic: Topic; readonly subscription: SubscriptionRecord } {
  const [name = '', id = '', ...more] = partsOf(arn, 'SubscriptionArn')
  if (id === '' || more.length > 0) throw invalidParameter('SubscriptionId')
  const topic = topics.find(name)
  const subscription = topic?.subscriptions.get(id)
  if (topic === undefined || subscription === undefined) throw notFound('Subscription')
  return { topic, subscription }
}

/** What stands behind the account. */
function partsOf(arn: string | undefined, parameter: string): string[] {
  if (arn === undefined || arn === '') throw invalidParameter(parameter)
  const parts = arn.split(':')
  if (parts.length < 6) {
    throw invalidParameter(`${parameter} Reason: An ARN must have at least 6 elements, not ${parts.length}`)
  }
  if (parts[0] !== 'arn' || parts[2] !== 'sns') throw invalidParameter(parameter)
  return parts.slice(5)
}
