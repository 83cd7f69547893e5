import { MillraceError } from '../broker/wire/errors.ts'
import type { MoveTask, PeekedMessage, QueueDescription } from '../broker/wire/queue-description.ts'
import type { Connection } from './connection.ts'
import type { Message, OutgoingMessage, SentMessage } from './queue-message.ts'
import { QueueOutbox } from './queue-outbox.ts'
import { QueueReceiver, type ReceiveOptions } from './queue-receiver.ts'

/** What can be chosen about a queue. Durations are in milliseconds. */
export interface QueueOptions {
  /** How long a message that was received is invisible to others. Default 30 seconds; receivers of this library say their own. */
  readonly visibilityMillis?: number
  /** How long a new message is invisible. Default 0, at most 15 minutes. */
  readonly delayMillis?: number
  /** How long a message is kept. Default 4 days, at most 14. */
  readonly retentionMillis?: number
  /** Body and attributes of one message. Default and at most 1 MiB. */
  readonly messageBytesMax?: number
  /** Where messages go that were received more often than `maxReceives`; null takes it away. */
  readonly deadLetter?: { readonly queue: string; readonly maxReceives: number } | null
  /** FIFO: take the SHA-256 of the data for a deduplication id that is not given. Default false. */
  readonly contentBasedDeduplication?: boolean
  /** FIFO: tell deduplication ids apart by group. Default false. */
  readonly deduplicationByGroup?: boolean
  readonly tags?: Readonly<Record<string, string>>
}

export interface RunOptions extends ReceiveOptions {
  /** Messages handled at once. Default 1; those of one FIFO group are in the order they came only with 1. */
  readonly concurrency?: number
  /** How long a message that failed is left alone. Default 0. */
  readonly retryDelayMillis?: number
  /** Hears of a handler that threw. Default: nobody, the message comes again. */
  readonly onError?: (error: unknown, message: Message) => void
}

/** A queue of a broker, by name; nothing is sent until something is asked of it. */
export class QueueHandle {
  readonly name: string
  readonly #connection: Connection
  readonly #path: string
  #outbox: QueueOutbox | undefined

  constructor(connection: Connection, name: string) {
    this.name = name
    this.#connection = connection
    this.#path = `/v1/queues/${encodeURIComponent(name)}`
  }

  /**
   * Creates it, FIFO when `fifo` says so or its name ends in `.fifo`. One that exists with the same settings is taken as it is.
   * @throws queue_exists, dead_letter_invalid
   */
  async create(options: QueueOptions & { readonly fifo?: boolean } = {}): Promise<QueueDescription> {
    return (await this.#call('PUT', '', options)) as QueueDescription
  }

  /** @throws queue_not_found */
  async describe(): Promise<QueueDescription> {
    return (await this.#call('GET', '')) as QueueDescription
  }

  /** Changes settings; those left out stay. */
  async update(options: QueueOptions): Promise<QueueDescription> {
    return (await this.#call('PATCH', '', options)) as QueueDescription
  }

  async delete(): Promise<void> {
    await this.#call('DELETE', '')
  }

  /** Deletes all messages that are in it now. */
  async purge(): Promise<void> {
    await this.#call('POST', '/purge')
  }

  /**
   * Sends a message; resolves when it is on disk. Those sent in one turn travel together. A connection that breaks is opened again, and
   * what was not answered is sent again: without a deduplication id that can make two of one.
   * @throws message_too_large, group_required, deduplication_required, throttled, queue_not_found
   */
  send(message: OutgoingMessage | string | Uint8Array): Promise<SentMessage> {
    const plain = typeof message === 'string' || message instanceof Uint8Array
    const { data, ...rest } = plain ? { data: message } : message
    const bytes = typeof data === 'string' ? encoder.encode(data) : data
    if (this.#outbox === undefined || this.#outbox.failed) {
      this.#outbox = this.#connection.add(new QueueOutbox(this.#connection, this.#path))
    }
    return this.#outbox.send({ ...rest, data: bytes }, bytes.length)
  }

  /** Receives messages as they come, until it is closed: `for await (const message of queue.receive()) …`. */
  receive(options: ReceiveOptions = {}): QueueReceiver {
    return this.#connection.add(new QueueReceiver(this.#connection, this.#path, options))
  }

  /**
   * Handles messages until `signal` fires: one whose handler returns is deleted, one whose handler throws comes again. Resolves when all
   * that was begun is settled.
   */
  async run(handler: (message: Message) => Promise<void> | void, options: RunOptions = {}): Promise<void> {
    const { concurrency = 1, retryDelayMillis = 0, onError } = options
    if (!Number.isInteger(concurrency) || concurrency < 1) {
      throw new MillraceError('invalid_field', { field: 'concurrency', reason: 'must be an integer above 0' })
    }
    const receiver = this.receive(options)
    const work = async () => {
      for (let message = await receiver.take(); message !== undefined; message = await receiver.take()) {
        try {
          await handler(message)
        } catch (error) {
          onError?.(error, message)
          await settled(message.reject({ delayMillis: retryDelayMillis }))
          continue
        }
        await settled(message.delete())
      }
    }
    try {
      await Promise.all(Array.from({ length: concurrency }, work))
    } finally {
      await receiver.close()
    }
  }

  /** Looks at messages without receiving them, in the order they lie in the queue's log. */
  async peek(options: { readonly limit?: number; readonly from?: number } = {}): Promise<{
    readonly messages: readonly PeekedMessage[]
    /** Where to go on; absent at the end. */
    readonly next?: number
  }> {
    const { limit = 10, from = 0 } = options
    const query = { limit: String(limit), from: String(from) }
    const page = await this.#connection.endpoint.call({ method: 'GET', path: `${this.#path}/messages`, query })
    return page as { messages: PeekedMessage[]; next?: number }
  }

  /** Starts to move its messages to `destination`, or each to the queue whose dead letter it is. */
  async startMove(options: { readonly destination?: string; readonly perSecondMax?: number } = {}): Promise<MoveTask> {
    return (await this.#call('POST', '/moves', options)) as MoveTask
  }

  /** Its last move tasks with their progress, newest first. */
  async moves(): Promise<readonly MoveTask[]> {
    return ((await this.#call('GET', '/moves')) as { moves: MoveTask[] }).moves
  }

  /** Cancels a running move task; resolves, once it has stopped, with what it came to. */
  async cancelMove(id: string): Promise<MoveTask> {
    return (await this.#call('DELETE', `/moves/${encodeURIComponent(id)}`)) as MoveTask
  }

  #call(method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<unknown> {
    const call = { method, path: this.#path + path }
    return this.#connection.endpoint.call(body === undefined ? call : { ...call, body })
  }
}

const encoder = new TextEncoder()

/** A message that could not be settled is somebody else's by now, or comes again; either way there is nothing to do here. */
async function settled(settling: Promise<void>): Promise<void> {
  try {
    await settling
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error
  }
}
