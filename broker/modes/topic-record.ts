import type { MessageAttribute } from '../wire/queue-message.ts'

/** What can be chosen about a topic. */
export interface TopicSettings {
  /** Whether the messages of a group reach FIFO queues one after another, each once; chosen once and for ever. */
  readonly fifo: boolean
  /** FIFO: whether the SHA-256 of the body stands in for a deduplication id that is not given. */
  readonly contentBasedDeduplication: boolean
  /** FIFO: whether deduplication ids are told apart by group. */
  readonly deduplicationByGroup: boolean
  /** FIFO: how many days messages are kept for replays; 0 for none. */
  readonly archiveDays: number
  /** Body and attributes together. */
  readonly messageBytesMax: number
  /** Of signed envelopes: 1 is SHA-1, 2 is SHA-256, both with RSA. */
  readonly signatureVersion: 1 | 2
  /** How deliveries to HTTP endpoints are tried, as SNS's JSON; see topic-delivery-policy.ts. */
  readonly deliveryPolicy?: string | undefined
  /** Attributes that the broker only keeps, such as policies and names to show. */
  readonly kept: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
}

/** What the catalog keeps of a topic. Region and account are of whoever made it: they show in ARNs. */
export interface TopicRecord {
  readonly name: string
  readonly createdAt: number
  readonly region: string
  readonly account: string
  readonly settings: TopicSettings
}

/** Who gets what is published. */
export type SubscriptionTarget =
  | { readonly kind: 'queue'; readonly queue: string }
  | { readonly kind: 'stream'; readonly stream: string }
  | { readonly kind: 'topic'; readonly topic: string }
  | { readonly kind: 'function'; readonly function: string; readonly qualifier?: string }
  | { readonly kind: 'http'; readonly url: string }
  /** Kept, and never delivered to: this broker sends no mail. */
  | { readonly kind: 'mail'; readonly address: string }

/** What can be chosen about a subscription. */
export interface SubscriptionSettings {
  /** Whether it gets the message as it is, or SNS's envelope around it. */
  readonly raw: boolean
  /** A filter policy (JSON text); without one it gets everything. */
  readonly filter?: string | undefined
  /** What the filter policy is about. */
  readonly filterScope: 'attributes' | 'body'
  /** The queue that gets what could not be delivered. */
  readonly deadLetter?: string | undefined
  /** As that of the topic, and instead of it. */
  readonly deliveryPolicy?: string | undefined
  /** Of FIFO topics with an archive: what of it is to be delivered again. */
  readonly replay?: Replay | undefined
  /** Attributes that the broker only keeps. */
  readonly kept: Readonly<Record<string, string>>
}

/** Messages that were published from `from` to `to`, both included, milliseconds since 1970; without an end all that are there. */
export interface Replay {
  /** Tells it from another that asks for the same. */
  readonly id: string
  readonly from: number
  readonly to?: number | undefined
}

/** How far a replay has come. */
export interface ReplayProgress {
  readonly id: string
  /** The number of the last message that is done with. */
  readonly sequence: number
  readonly finished: boolean
}

/** What the catalog keeps of a subscription. */
export interface SubscriptionRecord {
  /** `topic/id`. */
  readonly name: string
  readonly topic: string
  readonly id: string
  /** As it was asked for: sqs, lambda, http, https, or native ones. */
  readonly protocol: string
  readonly endpoint: string
  readonly target: SubscriptionTarget
  readonly settings: SubscriptionSettings
  /** What its owner has to send back before it gets anything; none once it is confirmed. */
  readonly token?: string | undefined
  /** The token it was confirmed with: it may come again. */
  readonly confirmedBy?: string | undefined
  readonly replayed?: ReplayProgress | undefined
  /** Whether only somebody with credentials may end it. */
  readonly authenticated: boolean
  readonly createdAt: number
  readonly region: string
  readonly account: string
  /** Where its owner reaches this broker: links in envelopes lead there. */
  readonly origin: string
}

/** A message to publish. */
export interface TopicMessage {
  readonly body: Uint8Array
  /** Texts instead of `body`, by protocol. */
  readonly byProtocol?: ReadonlyMap<string, string> | undefined
  readonly subject?: string | undefined
  readonly attributes?: Readonly<Record<string, MessageAttribute>> | undefined
  readonly group?: string | undefined
  readonly deduplicationId?: string | undefined
  /** X-Ray's trace header. */
  readonly trace?: string | undefined
}

/** A message that is durable, with all who get it in this broker. */
export interface Published {
  readonly id: string
  /** FIFO: orders the messages of the topic. */
  readonly sequence?: number | undefined
  /** FIFO: whether it was published before, and got to nobody twice. */
  readonly duplicate: boolean
}

export function topicArn({ region, account, name }: Pick<TopicRecord, 'region' | 'account' | 'name'>): string {
  return `arn:aws:sns:${region}:${account}:${name}`
}

export function subscriptionArn({ id, topic, region, account }: SubscriptionRecord): string {
  return `arn:aws:sns:${region}:${account}:${topic}:${id}`
}

/** The binding that works a subscription of a function or an HTTP endpoint. */
export function bindingOf({ topic, id }: SubscriptionRecord): string {
  return `topic.${topic.slice(0, 60)}.${id}`.slice(0, 128)
}

/** The hidden queue that a FIFO topic's own messages are kept in. */
export function archiveOf(topic: string): string {
  return `~topic.${topic}`
}
