import type { Limits } from '../../limits.ts'
import type { Queue, QueueDescription } from '../../modes/queue.ts'
import type { QueueSettings } from '../../modes/queue-settings.ts'
import type { AwsContext } from '../aws/operation.ts'
import { arnOf } from './address.ts'
import { invalidAttributeName, invalidAttributeValue, unknownAttribute } from './errors.ts'
import { redriveAllowText, redrivePolicyText, withRedriveAllow, withRedrivePolicy } from './redrive-policy.ts'

type Attributes = Readonly<Record<string, string>>

/** Attributes in whole numbers: the setting, what one of it is in the setting's unit, and the bounds. */
interface NumberAttribute {
  readonly setting: 'visibilityMillis' | 'delayMillis' | 'retentionMillis' | 'messageBytesMax' | 'waitMillis'
  readonly unit: number
  readonly min: number
  readonly max: number
}

function numbers(limits: Limits): Readonly<Record<string, NumberAttribute>> {
  const seconds = (setting: NumberAttribute['setting'], min: number, max: number) => ({
    setting,
    unit: 1_000,
    min: min / 1_000,
    max: max / 1_000,
  })
  return {
    VisibilityTimeout: seconds('visibilityMillis', 0, limits.visibilityMillisMax),
    DelaySeconds: seconds('delayMillis', 0, limits.delayMillisMax),
    MessageRetentionPeriod: seconds('retentionMillis', limits.queueRetentionMillisMin, limits.queueRetentionMillisMax),
    ReceiveMessageWaitTimeSeconds: seconds('waitMillis', 0, limits.waitMillisMax),
    MaximumMessageSize: {
      setting: 'messageBytesMax',
      unit: 1,
      min: limits.messageBytesMin,
      max: limits.messageBytesMax,
    },
  }
}

/** Attributes that are kept and given back, and change nothing. */
const kept = ['Policy', 'KmsMasterKeyId', 'KmsDataKeyReusePeriodSeconds', 'SqsManagedSseEnabled', 'FifoThroughputLimit']

/**
 * `settings` with SQS attributes over them. An empty text takes policies and keys away.
 * @throws AwsError InvalidAttributeName, InvalidAttributeValue, InvalidParameterValueException
 */
export function withAttributes(settings: QueueSettings, attributes: Attributes, limits: Limits): QueueSettings {
  let changed = settings
  for (const [name, value] of Object.entries(attributes)) changed = withAttribute(changed, name, value, limits)
  return changed
}

function withAttribute(settings: QueueSettings, name: string, value: string, limits: Limits): QueueSettings {
  const number = Object.hasOwn(numbers(limits), name) ? numbers(limits)[name] : undefined
  if (number !== undefined) {
    const given = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN
    if (!(given >= number.min && given <= number.max)) throw invalidAttributeValue(name)
    return { ...settings, [number.setting]: given * number.unit }
  }
  if (name === 'RedrivePolicy') return withRedrivePolicy(settings, value, limits)
  if (name === 'RedriveAllowPolicy') return withRedriveAllow(settings, value)
  if (name === 'FifoQueue') {
    if (value === String(settings.fifo)) return settings
    throw invalidAttributeValue(name, 'Modifying queue type is not supported.')
  }
  if (fifoOnly.includes(name)) return withFifoAttribute(settings, name, value)
  if (!kept.includes(name)) throw unknownAttribute(name)
  const { [name]: _, ...others } = settings.kept
  return { ...settings, kept: value === '' ? others : { ...others, [name]: value } }
}

const fifoOnly = ['ContentBasedDeduplication', 'DeduplicationScope', 'FifoThroughputLimit']

function withFifoAttribute(settings: QueueSettings, name: string, value: string): QueueSettings {
  if (!settings.fifo) {
    if (name === 'ContentBasedDeduplication') throw unknownAttribute(name)
    throw invalidAttributeName(`You can specify the ${name} only when FifoQueue is set to true.`)
  }
  if (name === 'ContentBasedDeduplication') {
    return { ...settings, contentBasedDeduplication: oneOf(name, value, { true: true, false: false }) }
  }
  if (name === 'DeduplicationScope') {
    return { ...settings, deduplicationByGroup: oneOf(name, value, { queue: false, messageGroup: true }) }
  }
  oneOf(name, value, { perQueue: true, perMessageGroupId: true })
  return { ...settings, kept: { ...settings.kept, [name]: value } }
}

function oneOf<T>(name: string, value: string, choices: Readonly<Record<string, T>>): T {
  const choice = Object.hasOwn(choices, value) ? choices[value] : undefined
  if (choice === undefined) throw invalidAttributeValue(name)
  return choice
}

/** What can be set of a queue, as SQS attributes. */
export function settableAttributes(settings: QueueSettings, limits: Limits, context: AwsContext): Attributes {
  const attributes: Record<string, string> = {}
  for (const [name, { setting, unit }] of Object.entries(numbers(limits))) {
    attributes[name] = String(Math.floor(settings[setting] / unit))
  }
  const redrive = redrivePolicyText(settings, context)
  if (redrive !== undefined) attributes['RedrivePolicy'] = redrive
  const allow = redriveAllowText(settings, context)
  if (allow !== undefined) attributes['RedriveAllowPolicy'] = allow
  if (settings.fifo) {
    attributes['FifoQueue'] = 'true'
    attributes['ContentBasedDeduplication'] = String(settings.contentBasedDeduplication)
    attributes['DeduplicationScope'] = settings.deduplicationByGroup ? 'messageGroup' : 'queue'
    attributes['FifoThroughputLimit'] = 'perQueue'
  }
  return { ...attributes, SqsManagedSseEnabled: settings.kept['KmsMasterKeyId'] ? 'false' : 'true', ...settings.kept }
}

/** All attributes of a queue. */
export function allAttributes(
  queue: Queue,
  description: QueueDescription,
  limits: Limits,
  context: AwsContext,
): Attributes {
  const { visible, inFlight, delayed, createdAt, changedAt, settings } = description
  return {
    QueueArn: arnOf(queue.name, context),
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    CreatedTimestamp: String(Math.floor(createdAt / 1_000)),
    LastModifiedTimestamp: String(Math.floor(changedAt / 1_000)),
    ...settableAttributes(settings, limits, context),
  }
}

/** Every name GetQueueAttributes can be asked for. */
export const attributeNames: readonly string[] = [
  'All',
  'QueueArn',
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
  'VisibilityTimeout',
  'DelaySeconds',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'MaximumMessageSize',
  'RedrivePolicy',
  'RedriveAllowPolicy',
  'FifoQueue',
  ...fifoOnly,
  ...kept,
]
