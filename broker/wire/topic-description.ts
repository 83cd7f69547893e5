import type { MessageAttribute } from './queue-message.ts'

/** A topic as the native API tells of it. */
export interface TopicDescription {
  readonly name: string
  readonly createdAt: number
  /** Whether the messages of a group reach FIFO queues in order, each once. */
  readonly fifo: boolean
  readonly contentBasedDeduplication: boolean
  readonly deduplicationByGroup: boolean
  readonly archiveDays: number
  readonly messageBytesMax: number
  readonly tags: Readonly<Record<string, string>>
  readonly subscriptions: number
}

/** A subscription as the native API tells of it. */
export interface SubscriptionDescription {
  readonly subscription: string
  readonly topic: string
  /** `{queue}`, `{stream}`, `{topic}`, `{function, qualifier?}`, `{http}` or `{mail}`. */
  readonly target: Readonly<Record<string, string>>
  readonly raw: boolean
  /** A filter policy, as SNS has them. */
  readonly filter?: unknown
  readonly filterScope: 'attributes' | 'body'
  readonly deadLetter?: string
  readonly pending: boolean
  readonly createdAt: number
  /** Deliveries that wait; of functions and HTTP endpoints. */
  readonly lag: number
  /** Why the last message for it did not get there. */
  readonly lastError?: string
  readonly lastErrorAt?: number
}

/** A message as whoever listens to a topic gets it. */
export interface ListenedMessage {
  readonly id: string
  /** Milliseconds since 1970. */
  readonly time: number
  /** Of FIFO topics. */
  readonly sequence?: number
  readonly data: Uint8Array
  readonly subject?: string
  readonly group?: string
  readonly attributes?: Readonly<Record<string, MessageAttribute>>
  readonly trace?: string
}
