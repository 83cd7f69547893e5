import { effectivePolicy } from '../../modes/topic-delivery-policy.ts'
import { type TopicRecord, type TopicSettings, topicArn } from '../../modes/topic-record.ts'
import { invalidParameter } from './errors.ts'

type Attributes = Readonly<Record<string, string>>

/** Attributes that are kept as they are: nobody is judged, encrypted or traced by them here. */
const kept =
  /^(Policy|DisplayName|KmsMasterKeyId|TracingConfig|DataProtectionPolicy|(HTTP|SQS|Lambda|Firehose|Application)(SuccessFeedbackRoleArn|SuccessFeedbackSampleRate|FailureFeedbackRoleArn))$/

const fifoOnly = new Set(['ContentBasedDeduplication', 'FifoThroughputScope', 'ArchivePolicy'])
const bytesMin = 1_024
const bytesMax = 1_048_576
const archiveDaysMax = 365

/**
 * Settings with an attribute set; an empty value takes it away.
 * @throws AwsError InvalidParameter
 */
export function withAttribute(settings: TopicSettings, name: string, value: string): TopicSettings {
  if (fifoOnly.has(name) && !settings.fifo) {
    throw invalidParameter(`${name} Reason: This attribute is for FIFO topics`)
  }
  switch (name) {
    case 'ContentBasedDeduplication':
      return { ...settings, contentBasedDeduplication: booleanIn(name, value) }
    case 'FifoThroughputScope':
      if (value !== 'Topic' && value !== 'MessageGroup') throw invalidParameter(name)
      return { ...settings, deduplicationByGroup: value === 'MessageGroup' }
    case 'ArchivePolicy':
      return { ...settings, archiveDays: archiveDaysIn(value) }
    case 'SignatureVersion':
      if (value !== '1' && value !== '2') throw invalidParameter('SignatureVersion')
      return { ...settings, signatureVersion: value === '1' ? 1 : 2 }
    case 'DeliveryPolicy':
      return { ...settings, deliveryPolicy: value === '' ? undefined : value }
    case 'MaximumMessageSize': {
      const bytes = /^\d{1,8}$/.test(value) ? Number(value) : 0
      if (bytes < bytesMin || bytes > bytesMax) throw invalidParameter('MaximumMessageSize')
      return { ...settings, messageBytesMax: bytes }
    }
  }
  if (!kept.test(name)) throw invalidParameter('AttributeName')
  const { [name]: _, ...others } = settings.kept
  return { ...settings, kept: value === '' ? others : { ...others, [name]: value } }
}

/** All attributes of a topic. */
export function attributesOf(
  record: TopicRecord,
  counts: { readonly pending: number; readonly confirmed: number },
): Attributes {
  const { settings, account } = record
  const arn = topicArn(record)
  const policy = effectivePolicy(settings.deliveryPolicy, undefined)
  const effective = {
    http: {
      defaultHealthyRetryPolicy: policy.healthyRetryPolicy,
      disableSubscriptionOverrides: false,
      defaultRequestPolicy: policy.requestPolicy ?? { headerContentType: 'text/plain; charset=UTF-8' },
    },
  }
  return {
    TopicArn: arn,
    Owner: account,
    DisplayName: '',
    Policy: defaultPolicy(arn, account),
    SubscriptionsConfirmed: `${counts.confirmed}`,
    SubscriptionsPending: `${counts.pending}`,
    SubscriptionsDeleted: '0',
    EffectiveDeliveryPolicy: JSON.stringify(effective),
    ...(settings.signatureVersion === 1 ? {} : { SignatureVersion: '2' }),
    ...settable(settings),
  }
}

/** What was chosen, as attributes: by these a topic is told from another of the same name. */
export function settable(settings: TopicSettings): Attributes {
  const { fifo, deliveryPolicy, archiveDays } = settings
  return {
    ...settings.kept,
    ...(deliveryPolicy === undefined ? {} : { DeliveryPolicy: deliveryPolicy }),
    ...(fifo
      ? {
          FifoTopic: 'true',
          ContentBasedDeduplication: `${settings.contentBasedDeduplication}`,
          FifoThroughputScope: settings.deduplicationByGroup ? 'MessageGroup' : 'Topic',
        }
      : {}),
    ...(archiveDays === 0 ? {} : { ArchivePolicy: JSON.stringify({ MessageRetentionPeriod: `${archiveDays}` }) }),
  }
}

/** The policy that AWS begins with. */
export function defaultPolicy(arn: string, account: string): string {
  const actions = ['GetTopicAttributes', 'SetTopicAttributes', 'AddPermission', 'RemovePermission', 'DeleteTopic']
  const more = ['Subscribe', 'ListSubscriptionsByTopic', 'Publish']
  return JSON.stringify({
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Effect: 'Allow',
        Sid: '__default_statement_ID',
        Principal: { AWS: '*' },
        Action: [...actions, ...more].map((action) => `SNS:${action}`),
        Resource: arn,
        Condition: { StringEquals: { 'AWS:SourceOwner': account } },
      },
    ],
  })
}

function archiveDaysIn(value: string): number {
  if (value === '' || value === '{}') return 0
  const days = Number(objectIn(value)?.['MessageRetentionPeriod'])
  if (Number.isInteger(days) && days >= 1 && days <= archiveDaysMax) return days
  throw invalidParameter('ArchivePolicy: MessageRetentionPeriod must be from 1 to 365 days')
}

export function booleanIn(name: string, value: string): boolean {
  const lower = value.toLowerCase()
  if (lower !== 'true' && lower !== 'false')
    throw invalidParameter(`${name}: Invalid value [${value}]. Must be true or false.`)
  return lower === 'true'
}

/** An object from JSON; undefined for anything else. */
export function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    // What is no JSON is no object; the caller has the words for that.
    return undefined
  }
}
