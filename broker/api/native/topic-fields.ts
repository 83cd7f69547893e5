import type { Broker } from '../../broker.ts'
import type { Limits } from '../../limits.ts'
import type { Topic } from '../../modes/topic.ts'
import {
  bindingOf,
  type SubscriptionRecord,
  type SubscriptionSettings,
  type SubscriptionTarget,
  type TopicMessage,
  type TopicSettings,
} from '../../modes/topic-record.ts'
import type { SubscriptionDescription, TopicDescription } from '../../wire/topic-description.ts'
import { Fields } from '../fields.ts'
import { targetIn } from './binding-target.ts'
import { messageIn as queueMessageIn } from './queue-fields.ts'

type Chosen = Partial<
  Pick<TopicSettings, 'contentBasedDeduplication' | 'deduplicationByGroup' | 'archiveDays' | 'messageBytesMax' | 'tags'>
>

/** The settings of a topic that can be chosen and changed; those left out are absent. */
export function topicSettingsIn(fields: Fields, { messageBytesMin, messageBytesMax }: Limits): Chosen {
  const all = {
    contentBasedDeduplication: fields.boolean('contentBasedDeduplication'),
    deduplicationByGroup: fields.boolean('deduplicationByGroup'),
    archiveDays: fields.integer('archiveDays', { min: 0, max: 365 }),
    messageBytesMax: fields.integer('messageBytesMax', { min: messageBytesMin, max: messageBytesMax }),
    tags: fields.strings('tags'),
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Chosen
}

export function describeTopic({ record, subscriptions }: Topic): TopicDescription {
  const { name, createdAt, settings } = record
  const { fifo, contentBasedDeduplication, deduplicationByGroup, archiveDays, messageBytesMax, tags } = settings
  const shown = { fifo, contentBasedDeduplication, deduplicationByGroup, archiveDays, messageBytesMax, tags }
  return { name, createdAt, ...shown, subscriptions: subscriptions.size }
}

/** A message to publish: as one to send, with a `subject`, and without a delay. */
export function messageIn(fields: Fields, limits: Limits): TopicMessage {
  const subject = fields.string('subject')
  const { delayMillis, ...message } = queueMessageIn(fields, limits)
  if (delayMillis !== undefined) throw fields.invalid('delayMillis', 'is for messages of queues')
  return subject === undefined ? message : { ...message, subject }
}

/**
 * Reads who gets what is published: what a binding may lead to, but for buses and sockets.
 * @throws invalid_field
 */
export function subscriptionTargetIn(fields: Fields): SubscriptionTarget {
  const kinds = ['function', 'stream', 'queue', 'topic', 'http'] as const
  return fields.required('target', targetIn(fields, 'target', kinds))
}

/** What can be chosen about a subscription. Queues and streams get the message as it is, unless that is said otherwise. */
export function subscriptionSettingsIn(fields: Fields, { kind }: SubscriptionTarget): SubscriptionSettings {
  const filter = jsonIn(fields, 'filter')
  const scope = fields.string('filterScope') ?? 'attributes'
  if (scope !== 'attributes' && scope !== 'body') throw fields.invalid('filterScope', 'must be "attributes" or "body"')
  const deadLetter = fields.name('deadLetter')
  const deliveryPolicy = jsonIn(fields, 'deliveryPolicy')
  return {
    raw: fields.boolean('raw') ?? (kind === 'queue' || kind === 'stream'),
    filter,
    filterScope: scope,
    deadLetter,
    deliveryPolicy,
    kept: {},
  }
}

/** @throws queue_not_found, stream_not_found, topic_not_found, function_not_found, invalid_field */
export function requireTarget(
  { queues, streams, topics, functions }: Broker,
  topic: Topic,
  target: SubscriptionTarget,
) {
  if (target.kind === 'queue') queues.get(target.queue)
  else if (target.kind === 'stream') streams.get(target.stream)
  else if (target.kind === 'function') functions.resolve({ ...target, name: target.function })
  else if (target.kind === 'topic') {
    const { fifo } = topics.get(target.topic).record.settings
    if (fifo || topic.record.settings.fifo)
      throw new Fields({}).invalid('target.topic', 'cannot be given where one of the two topics is FIFO')
  }
}

export function describeSubscription(broker: Broker, record: SubscriptionRecord): SubscriptionDescription {
  const { id, topic, settings, token, createdAt } = record
  const { raw, filter, filterScope, deadLetter } = settings
  const { kind: _, ...target } = record.target
  const failure = broker.topics.subscriptions.failure(record)
  const binding = broker.bindings.records.get(bindingOf(record))
  return {
    subscription: id,
    topic,
    target: 'url' in target ? { http: target.url } : 'address' in target ? { mail: target.address } : target,
    raw,
    ...(filter === undefined ? {} : { filter: JSON.parse(filter) as unknown }),
    filterScope,
    ...(deadLetter === undefined ? {} : { deadLetter }),
    pending: token !== undefined,
    createdAt,
    lag: binding === undefined ? 0 : broker.bindings.describe(binding).lag,
    ...(failure === undefined ? {} : { lastError: failure.message, lastErrorAt: failure.at }),
  }
}

/** JSON, or text that is JSON. */
export function jsonIn(fields: Fields, field: string): string | undefined {
  const value = fields.raw(field)
  if (value === undefined || value === null || typeof value === 'string') return value ?? undefined
  return JSON.stringify(value)
}
