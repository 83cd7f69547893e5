import type { Topic } from '../../modes/topic.ts'
import { effectivePolicy } from '../../modes/topic-delivery-policy.ts'
import {
  type SubscriptionRecord,
  type SubscriptionSettings,
  subscriptionArn,
  topicArn,
} from '../../modes/topic-record.ts'
import { nameInArn } from '../sqs/address.ts'
import { invalidParameter } from './errors.ts'
import { booleanIn, objectIn } from './topic-attributes.ts'

type Attributes = Readonly<Record<string, string>>

export const defaultSubscriptionSettings: SubscriptionSettings = { raw: false, filterScope: 'attributes', kept: {} }

/**
 * Settings with an attribute set; an empty value takes it away.
 * @throws AwsError InvalidParameter
 */
export function withAttribute(settings: SubscriptionSettings, name: string, value: string): SubscriptionSettings {
  switch (name) {
    case 'RawMessageDelivery':
      return { ...settings, raw: booleanIn(name, value) }
    case 'FilterPolicy':
      return { ...settings, filter: value === '' || /^\s*\{\s*\}\s*$/.test(value) ? undefined : value }
    case 'FilterPolicyScope':
      if (value !== 'MessageAttributes' && value !== 'MessageBody') {
        throw invalidParameter(
          `FilterPolicyScope: Invalid value [${value}]. Please use either MessageBody or MessageAttributes`,
        )
      }
      return { ...settings, filterScope: value === 'MessageBody' ? 'body' : 'attributes' }
    case 'RedrivePolicy':
      return withDeadLetter(settings, value === '{}' ? '' : value)
    case 'DeliveryPolicy':
      return { ...settings, deliveryPolicy: value === '' ? undefined : value }
    case 'SubscriptionRoleArn':
      return { ...settings, kept: { ...settings.kept, SubscriptionRoleArn: value } }
  }
  throw invalidParameter('AttributeName')
}

/** All attributes of a subscription. */
export function attributesOf(topic: Topic, subscription: SubscriptionRecord): Attributes {
  const { settings, protocol, endpoint, token, authenticated, account } = subscription
  const isHttp = protocol === 'http' || protocol === 'https'
  const policy = effectivePolicy(topic.record.settings.deliveryPolicy, settings.deliveryPolicy)
  return {
    SubscriptionArn: subscriptionArn(subscription),
    TopicArn: topicArn(topic.record),
    Owner: account,
    Protocol: protocol,
    Endpoint: endpoint,
    PendingConfirmation: `${token !== undefined}`,
    ConfirmationWasAuthenticated: `${token === undefined && (authenticated || !isHttp)}`,
    SubscriptionPrincipal: `arn:aws:iam::${account}:root`,
    ...(isHttp ? { EffectiveDeliveryPolicy: JSON.stringify(policy) } : {}),
    ...settable(settings),
  }
}

/** What was chosen, as attributes. */
export function settable(settings: SubscriptionSettings): Attributes {
  const { raw, filter, filterScope, deadLetter, deliveryPolicy, kept } = settings
  return {
    RawMessageDelivery: `${raw}`,
    ...(filter === undefined
      ? {}
      : { FilterPolicy: filter, FilterPolicyScope: filterScope === 'body' ? 'MessageBody' : 'MessageAttributes' }),
    ...(deadLetter === undefined ? {} : { RedrivePolicy: deadLetterText(deadLetter) }),
    ...(deliveryPolicy === undefined ? {} : { DeliveryPolicy: deliveryPolicy }),
    ...kept,
  }
}

/** The text is kept as it was sent, with the region and the account that stand in it. */
function withDeadLetter(settings: SubscriptionSettings, text: string): SubscriptionSettings {
  const { RedrivePolicy: _, ...kept } = settings.kept
  if (text === '') return { ...settings, deadLetter: undefined, kept }
  return { ...settings, deadLetter: deadLetterIn(text), kept: { ...kept, RedrivePolicy: text } }
}

/** Of a queue that was named by the native API. */
function deadLetterText(queue: string): string {
  return JSON.stringify({ deadLetterTargetArn: `arn:aws:sqs:us-east-1:000000000000:${queue}` })
}

function deadLetterIn(text: string): string {
  const arn = objectIn(text)?.['deadLetterTargetArn']
  if (typeof arn !== 'string') throw invalidParameter('RedrivePolicy: failed to deserialize')
  try {
    return nameInArn(arn)
  } catch (cause) {
    throw Object.assign(invalidParameter('RedrivePolicy: deadLetterTargetArn is an invalid arn'), { cause })
  }
}
