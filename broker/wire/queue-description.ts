import type { MessageAttribute } from './queue-message.ts'

/** What the native API says of queues and their messages; see docs/wire.md, "Queues". */

export interface DeadLetterDescription {
  readonly queue: string
  readonly maxReceives: number
}

export interface QueueDescription {
  readonly name: string
  readonly number: number
  readonly status: 'active'
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly changedAt: number
  readonly fifo: boolean
  readonly visibilityMillis: number
  readonly delayMillis: number
  readonly retentionMillis: number
  readonly messageBytesMax: number
  readonly waitMillis: number
  readonly deadLetter?: DeadLetterDescription
  readonly contentBasedDeduplication: boolean
  readonly deduplicationByGroup: boolean
  readonly tags: Readonly<Record<string, string>>
  readonly messages: { readonly visible: number; readonly inFlight: number; readonly delayed: number }
}

/** A message as a receiver gets it. Times are milliseconds since 1970. */
export interface QueueMessage {
  readonly id: string
  /** What settles it. */
  readonly handle: string
  /** Orders the messages of a queue. */
  readonly sequence: number
  readonly data: Uint8Array
  readonly group?: string
  readonly deduplicationId?: string
  readonly attributes?: Readonly<Record<string, MessageAttribute>>
  readonly trace?: string
  /** The queue whose dead letter it is. */
  readonly source?: string
  readonly sentAt: number
  /** How often it was received, this time included. */
  readonly receives: number
  readonly firstReceivedAt: number
}

/** A message that was looked at, not received. */
export interface PeekedMessage extends Omit<QueueMessage, 'handle'> {
  readonly state: 'visible' | 'in flight' | 'delayed'
}

/** A move task: messages of one queue going to another, or back to where each came from. */
export interface MoveTask {
  readonly id: string
  readonly destination?: string
  readonly perSecondMax?: number
  readonly status: 'running' | 'cancelling' | 'cancelled' | 'completed' | 'failed'
  readonly startedAt: number
  readonly total: number
  readonly moved: number
  readonly failure?: string
}
