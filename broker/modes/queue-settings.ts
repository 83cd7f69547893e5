import type { Limits } from '../limits.ts'

/** Where messages go that were received too often. */
export interface DeadLetter {
  /** A queue of the same kind. */
  readonly queue: string
  /** A message is moved when it would be received more often than this. */
  readonly maxReceives: number
}

/** Which queues may name this one as their dead-letter queue. */
export type RedriveAllow =
  | { readonly permission: 'all' | 'none' }
  | { readonly permission: 'named'; readonly sources: readonly string[] }

/** What can be chosen about a queue. */
export interface QueueSettings {
  /** Whether the messages of a group are given out one after another, in order; chosen once and for ever. */
  readonly fifo: boolean
  /** How long a message that was received is invisible to others, unless the receiver says otherwise. */
  readonly visibilityMillis: number
  /** How long a new message is invisible. */
  readonly delayMillis: number
  readonly retentionMillis: number
  /** Body and attributes together. */
  readonly messageBytesMax: number
  /** How long a receive waits for messages, unless the receiver says otherwise. */
  readonly waitMillis: number
  readonly deadLetter?: DeadLetter | undefined
  readonly redriveAllow?: RedriveAllow | undefined
  /** FIFO: whether the SHA-256 of the body stands in for a deduplication id that is not given. */
  readonly contentBasedDeduplication: boolean
  /** FIFO: whether deduplication ids are told apart by group. */
  readonly deduplicationByGroup: boolean
  /** Attributes that the broker only keeps, such as policies and keys. */
  readonly kept: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
}

/** What a queue is created with where nothing else is chosen; these are SQS's defaults. */
export function defaultSettings(limits: Limits): QueueSettings {
  return {
    fifo: false,
    visibilityMillis: limits.visibilityMillisDefault,
    delayMillis: 0,
    retentionMillis: limits.queueRetentionMillisDefault,
    messageBytesMax: limits.messageBytesMax,
    waitMillis: 0,
    contentBasedDeduplication: false,
    deduplicationByGroup: false,
    kept: {},
    tags: {},
  }
}
