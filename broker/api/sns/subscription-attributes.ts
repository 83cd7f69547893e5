import { randomUUID } from 'node:crypto'
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
    case 'ReplayPolicy':
      return withReplay(settings, value === '{}' ? '' : value)
    case 'SubscriptionRoleArn':
      return { ...settings, kept: { ...settings.kept, SubscriptionRoleArn: value } }
  }
  throw invalidParameter('AttributeName')
}

/** @throws AwsError InvalidParameter where there is nothing that could be delivered again */
export function requireArchive({ record }: Topic): void {
  if (record.settings.archiveDays > 0) return
  throw invalidParameter('ReplayPolicy Reason: The topic has no ArchivePolicy')
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
    ...replayStatus(subscription),
    ...(isHttp ? { EffectiveDeliveryPolicy: JSON.stringify(policy) } : {}),
    ...settable(settings),
  }
}

function replayStatus({ settings, replayed }: SubscriptionRecord): Attributes {
  if (settings.replay === undefined) return {}
  const finished = replayed?.id === settings.replay.id && replayed.finished
  return { ReplayStatus: finished ? 'Completed' : 'In Progress' }
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

/** What is asked for anew is delivered anew. */
function withReplay(settings: SubscriptionSettings, text: string): SubscriptionSettings {
  const { ReplayPolicy: _, ...kept } = settings.kept
  if (text === '') return { ...settings, replay: undefined, kept }
  const { PointType, StartingPoint, EndingPoint } = objectIn(text) ?? {}
  const from = timeIn(StartingPoint)
  const to = EndingPoint === undefined ? undefined : timeIn(EndingPoint)
  if (PointType !== 'Timestamp' || from === undefined || (EndingPoint !== undefined && to === undefined)) {
    throw invalidParameter('ReplayPolicy: must have PointType Timestamp, a StartingPoint and at most an EndingPoint')
  }
  if (to !== undefined && to < from)
    throw invalidParameter('ReplayPolicy: EndingPoint must not be before StartingPoint')
  return { ...settings, replay: { id: randomUUID(), from, to }, kept: { ...kept, ReplayPolicy: text } }
}

function timeIn(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(time) ? undefined : time
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
