import { createHash } from 'node:crypto'
import type { GatherSink } from '../log/gatherer.ts'
import type { Log } from '../log/log.ts'
import type { Logs } from '../log/logs.ts'
import type { Shard } from '../log/shard.ts'
import { MillraceError } from '../wire/errors.ts'
import { encodeEnvelope, type MessageAttribute, messageBytes, noGroupKey } from '../wire/queue-message.ts'
import type { QueueSettings } from './queue-settings.ts'
import type { QueueState } from './queue-state.ts'

/** A message to send. */
export interface OutgoingMessage {
  readonly body: Uint8Array
  /** Required by FIFO queues; on standard ones it is the tenant that fairness is about. */
  readonly group?: string | undefined
  /** FIFO: another message with the same id within 5 minutes is this one. */
  readonly deduplicationId?: string | undefined
  /** How long it is invisible; the queue's own delay when left out. Not for FIFO queues. */
  readonly delayMillis?: number | undefined
  readonly attributes?: Readonly<Record<string, MessageAttribute>> | undefined
  /** X-Ray's trace header. */
  readonly trace?: string | undefined
}

/** What became of a message that was sent: it is on disk. */
export interface SentMessage {
  readonly id: string
  /** Orders the messages of a queue, and with that those of each group. */
  readonly sequence: number
  readonly time: number
  /** FIFO: whether it was sent before, and is stored once. */
  readonly duplicate: boolean
}

export type SendResult = SentMessage | MillraceError

/** What a sender needs of its queue. */
export interface SendingQueue {
  readonly name: string
  readonly settings: QueueSettings
  readonly state: QueueState
  /** The id of the message whose identity is `identity`. */
  messageId(identity: number): string
}

/** A message that may be sent: all that can be said of it before it is, was checked. */
export interface CheckedMessage {
  readonly message: OutgoingMessage
  /** FIFO: the id, or what stands in for it. */
  readonly deduplicationId: string | undefined
}

/** A message that was sent before, or one that is to be appended; then `settle` must be called, once it is durable or was refused. */
export type PreparedMessage =
  | { readonly kind: 'known'; readonly result: Promise<SendResult> }
  | {
      readonly kind: 'new'
      readonly key: string
      readonly data: Uint8Array
      /** Hears where it is, or why it is not stored. */
      readonly settle: (outcome: { readonly sequence: number; readonly time: number } | MillraceError) => void
      readonly result: Promise<SendResult>
    }

/** Appends messages to a queue's log, each once where the queue is FIFO. */
export class QueueSender {
  readonly #logs: Logs
  readonly #log: Log
  readonly #queue: SendingQueue
  /** Deduplication keys of messages that are not durable yet. */
  readonly #pending = new Map<string, Promise<SendResult>>()

  constructor(logs: Logs, log: Log, queue: SendingQueue) {
    this.#logs = logs
    this.#log = log
    this.#queue = queue
  }

  /**
   * Sends messages, in this order; resolves, when all are durable, with what became of each. Errors of single messages:
   * message_too_large, group_required, deduplication_required, delay_not_allowed, throttled, store_full, queue_not_found.
   */
  async send(messages: readonly OutgoingMessage[]): Promise<SendResult[]> {
    const results: Promise<SendResult>[] = []
    const batch = new Batch(this.#logs, this.#log)
    for (const message of messages) {
      try {
        const prepared = this.prepare(this.check(message))
        if (prepared.kind === 'new') batch.add(prepared)
        results.push(prepared.result)
      } catch (error) {
        results.push(Promise.resolve(MillraceError.wrap(error)))
      }
    }
    return Promise.all(results)
  }

  /**
   * Checks a message.
   * @throws message_too_large, group_required, deduplication_required, delay_not_allowed
   */
  check(message: OutgoingMessage): CheckedMessage {
    const { name, settings } = this.#queue
    const bytes = messageBytes(message)
    if (bytes > settings.messageBytesMax) {
      throw new MillraceError('message_too_large', { bytes, limit: settings.messageBytesMax })
    }
    if (!settings.fifo) return { message, deduplicationId: undefined }
    if (message.group === undefined) throw new MillraceError('group_required', { queue: name })
    if ((message.delayMillis ?? 0) > 0) {
      throw new MillraceError('delay_not_allowed', { queue: name, millis: message.delayMillis ?? 0 })
    }
    const id = message.deduplicationId ?? (settings.contentBasedDeduplication ? hashOf(message.body) : undefined)
    if (id === undefined) throw new MillraceError('deduplication_required', { queue: name })
    return { message, deduplicationId: id }
  }

  /** Makes a message ready to be appended, in this turn: from now on another with its deduplication id is a duplicate. */
  prepare({ message, deduplicationId: id }: CheckedMessage): PreparedMessage {
    const { settings, state } = this.#queue
    if (!settings.fifo || message.group === undefined || id === undefined) {
      return this.#new(message, undefined, this.due(message))
    }
    const key = state.ids.key(message.group, id)
    const known = state.ids.find(key, this.#logs.clock.now())
    if (known !== undefined) {
      const { identity, time } = known
      const sent = { id: this.#queue.messageId(identity), sequence: identity, time, duplicate: true }
      return { kind: 'known', result: Promise.resolve(sent) }
    }
    const pending = this.#pending.get(key)
    if (pending !== undefined) {
      const again = (result: SendResult) => (result instanceof MillraceError ? result : { ...result, duplicate: true })
      return { kind: 'known', result: pending.then(again) }
    }
    const prepared = this.#new(message, id, undefined)
    const result = prepared.result.finally(() => this.#pending.delete(key))
    this.#pending.set(key, result)
    return { ...prepared, result }
  }

  /** When a message becomes visible; undefined when that is at once. */
  due({ delayMillis }: OutgoingMessage): number | undefined {
    const { settings } = this.#queue
    const delay = delayMillis ?? settings.delayMillis
    return !settings.fifo && delay > 0 ? this.#logs.clock.now() + delay : undefined
  }

  #new(message: OutgoingMessage, deduplicationId: string | undefined, due: number | undefined) {
    const { key, data } = messageRecord(message, due, deduplicationId)
    let resolve: (result: SendResult) => void = () => undefined
    const result = new Promise<SendResult>((done) => {
      resolve = done
    })
    const settle = (outcome: { readonly sequence: number; readonly time: number } | MillraceError) => {
      if (outcome instanceof MillraceError) return resolve(queueError(outcome, this.#log.name))
      const { sequence, time } = outcome
      resolve({ id: this.#queue.messageId(sequence), sequence, time, duplicate: false })
    }
    return { kind: 'new', key, data, settle, result } as const
  }
}

/** The record that a message is in its queue's log. */
export function messageRecord(
  { body, group, attributes, trace }: OutgoingMessage,
  due: number | undefined,
  deduplicationId?: string | undefined,
): { readonly key: string; readonly data: Uint8Array } {
  const plain = attributes === undefined && trace === undefined
  const extras = plain ? undefined : { ...(attributes && { attributes }), ...(trace !== undefined && { trace }) }
  return { key: group ?? noGroupKey, data: encodeEnvelope({ group, due, deduplicationId, extras, body }) }
}

/** Messages of one call on their way to the log: they go into the blocks that all callers of this turn share. */
class Batch implements GatherSink {
  readonly #logs: Logs
  readonly #log: Log
  readonly #settles: Extract<PreparedMessage, { kind: 'new' }>['settle'][] = []

  constructor(logs: Logs, log: Log) {
    this.#logs = logs
    this.#log = log
  }

  add({ key, data, settle }: Extract<PreparedMessage, { kind: 'new' }>): void {
    const place = this.#settles.push(settle) - 1
    this.#logs.gatherer.add(this.#log.shard(0), key, data, this, place)
  }

  stored(place: number, _shard: Shard, sequence: number, time: number): void {
    this.#settles[place]?.({ sequence, time })
  }

  failed(place: number, error: MillraceError): void {
    this.#settles[place]?.(error)
  }
}

/** What goes wrong with a queue's log, in the words of queues. */
export function queueError(error: MillraceError, queue: string): MillraceError {
  return error.code === 'stream_not_found' ? new MillraceError('queue_not_found', { queue }) : error
}

function hashOf(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex')
}
