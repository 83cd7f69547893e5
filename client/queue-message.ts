import type { QueueMessage as WireMessage } from '../broker/wire/queue-description.ts'
import type { MessageAttribute } from '../broker/wire/queue-message.ts'

export type { MessageAttribute } from '../broker/wire/queue-message.ts'

/** A message to send. */
export interface OutgoingMessage {
  /** A string is sent as UTF-8. */
  readonly data: Uint8Array | string
  /** FIFO queues need it: messages of one group are received in order. On others it is the tenant that fairness is about. */
  readonly group?: string
  /** FIFO: another message with the same id within 5 minutes is this one. */
  readonly deduplicationId?: string
  /** How long it is invisible; the queue's own delay by default. Not for FIFO queues. */
  readonly delayMillis?: number
  /** A string stands for an attribute of type String. */
  readonly attributes?: Readonly<Record<string, string | MessageAttribute>>
  /** X-Ray's trace header. */
  readonly trace?: string
}

/** A message that was sent: it is on disk. */
export interface SentMessage {
  readonly id: string
  readonly sequence: number
  readonly time: number
  /** FIFO: it was sent before, and is stored once. */
  readonly duplicate: boolean
}

/** What a message needs of whoever received it. */
export interface MessageOwner {
  delete(message: Message): Promise<void>
  hide(message: Message, millis: number): Promise<void>
}

const decoder = new TextDecoder()

/** A message that was received. It is invisible to others until it is settled, or its receiver lets go of it. */
export class Message {
  readonly id: string
  readonly handle: string
  /** Orders the messages of a queue. */
  readonly sequence: number
  readonly data: Uint8Array
  readonly group: string | undefined
  readonly deduplicationId: string | undefined
  readonly attributes: Readonly<Record<string, MessageAttribute>>
  readonly trace: string | undefined
  /** The queue whose dead letter it is. */
  readonly source: string | undefined
  /** Milliseconds since 1970. */
  readonly sentAt: number
  /** How often it was received, this time included. */
  readonly receives: number
  readonly firstReceivedAt: number
  readonly #owner: MessageOwner

  constructor(message: WireMessage, owner: MessageOwner) {
    this.id = message.id
    this.handle = message.handle
    this.sequence = message.sequence
    this.data = message.data
    this.group = message.group
    this.deduplicationId = message.deduplicationId
    this.attributes = message.attributes ?? {}
    this.trace = message.trace
    this.source = message.source
    this.sentAt = message.sentAt
    this.receives = message.receives
    this.firstReceivedAt = message.firstReceivedAt
    this.#owner = owner
  }

  /** Its data as UTF-8. */
  text(): string {
    return decoder.decode(this.data)
  }

  /** Its data as JSON. */
  json<T>(): T {
    return JSON.parse(this.text()) as T
  }

  /**
   * Settles it: it was handled. Resolves when it is gone for good.
   * @throws handle_expired (FIFO), handle_invalid
   */
  delete(): Promise<void> {
    return this.#owner.delete(this)
  }

  /**
   * Gives it back: it comes again, at once or after `delayMillis`, or goes to the dead-letter queue when it was received too often.
   * @throws not_in_flight, message_gone
   */
  reject({ delayMillis = 0 }: { readonly delayMillis?: number } = {}): Promise<void> {
    return this.#owner.hide(this, delayMillis)
  }
}
