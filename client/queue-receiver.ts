import { type ErrorBody, MillraceError } from '../broker/wire/errors.ts'
import type { QueueMessage as WireMessage } from '../broker/wire/queue-description.ts'
import { type BackgroundTimer, backgroundTimer } from './background-timer.ts'
import type { Closable, Connection } from './connection.ts'
import { QueueLink } from './queue-link.ts'
import { Message, type MessageOwner } from './queue-message.ts'
import { endOfTurn } from './turn.ts'

export interface ReceiveOptions {
  /** Messages that may be here before they are asked for. Default 100. */
  readonly prefetch?: number
  /** How long a message is invisible to others if this process dies; while it lives that is extended. Default 30 seconds. */
  readonly visibilityMillis?: number
  /** Ends the receiving. */
  readonly signal?: AbortSignal
}

interface Settling {
  readonly request: string | { readonly handle: string; readonly visibilityMillis: number }
  readonly resolve: () => void
  readonly reject: (error: MillraceError) => void
}

/** What one frame takes. */
const settledMax = 1_000

/**
 * Receives messages of a queue as they come, pushed by the broker, many in one trip. What waits here and what is being handled is kept
 * invisible to others for as long as this takes; a message that was handed out and not settled when the next one is asked for comes
 * again after its visibility timeout.
 */
export class QueueReceiver implements AsyncDisposable, Closable, MessageOwner {
  readonly #connection: Connection
  readonly #link: QueueLink
  readonly #prefetch: number
  readonly #visibilityMillis: number
  readonly #signal: AbortSignal | undefined
  #waiting: Message[] = []
  /** Messages that are kept invisible: those that wait, and those being handled. */
  readonly #kept = new Set<Message>()
  #current: Message | undefined
  /** Messages that were taken since credit was granted last. */
  #taken = 0
  #settling: Settling[] = []
  #wakes: (() => void)[] = []
  #timer: BackgroundTimer | undefined
  #error: MillraceError | undefined
  #closing: Promise<void> | undefined
  #done = false

  constructor(connection: Connection, path: string, options: ReceiveOptions = {}) {
    const { prefetch = 100, visibilityMillis = 30_000, signal } = options
    if (!Number.isInteger(prefetch) || prefetch < 1) {
      throw new MillraceError('invalid_field', { field: 'prefetch', reason: 'must be an integer above 0' })
    }
    this.#connection = connection
    this.#prefetch = prefetch
    this.#visibilityMillis = visibilityMillis
    this.#signal = signal
    this.#link = new QueueLink(connection, path, {
      opened: () => this.#opened(),
      messages: (messages) => this.#arrived(messages),
      failed: (error) => this.#fail(error),
    })
    // Granting is left until there is a link to grant through.
    this.#opened()
    this.#extendLater()
    signal?.addEventListener('abort', this.#abort)
    if (signal?.aborted) this.#abort()
  }

  /**
   * The next message; undefined when the receiver was closed. The one before it is no longer kept invisible unless it was settled.
   * @throws queue_not_found, unauthorized and other errors that trying again cannot mend
   */
  async next(): Promise<Message | undefined> {
    if (this.#current !== undefined) this.#kept.delete(this.#current)
    this.#current = await this.take()
    return this.#current
  }

  /** The next message, kept invisible until it is settled or `letGo` is called: for several handlers at once. */
  async take(): Promise<Message | undefined> {
    // Credit is for who asks for more: whoever takes one message and closes is not sent a second one.
    this.#grantWhenDue()
    for (;;) {
      // What waits goes back.
      if (this.#closing !== undefined) return undefined
      const message = this.#waiting.shift()
      if (message !== undefined) {
        this.#taken++
        return message
      }
      if (this.#error !== undefined) throw this.#error
      if (this.#done) return undefined
      this.#grantWhenDue()
      await new Promise<void>((resolve) => this.#wakes.push(resolve))
    }
  }

  /** A message is no longer kept invisible: it comes again unless it was settled. */
  letGo(message: Message): void {
    this.#kept.delete(message)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Message> {
    try {
      for (let message = await this.next(); message !== undefined; message = await this.next()) yield message
    } finally {
      await this.close()
    }
  }

  /**
   * Ends it: what waits here, or is on its way, goes back to the queue at once and does not count as received; what was settled is still
   * acknowledged.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    if (this.#done) return
    this.#finish()
    // Else what goes back would be sent here again at once, and what is on its way would be lost until its timeout.
    await this.#link.cancelCredit()
    await this.#giveBack(this.#waiting.splice(0))
    this.#flush()
    await this.#link.close()
    this.#connection.remove(this)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  delete(message: Message): Promise<void> {
    return this.#settle(message, message.handle)
  }

  hide(message: Message, visibilityMillis: number): Promise<void> {
    return this.#settle(message, { handle: message.handle, visibilityMillis })
  }

  readonly #abort = () => {
    this.close().catch((error: unknown) => this.#fail(MillraceError.wrap(error)))
  }

  /** Nobody saw these. Where giving them back fails they come again by themselves, when their leases run out. */
  async #giveBack(messages: readonly Message[]): Promise<void> {
    for (let i = 0; i < messages.length; i += settledMax) {
      const these = messages.slice(i, i + settledMax).map(({ handle }) => ({ handle, unread: true }))
      await this.#link.request('settle', these, false).catch(() => undefined)
    }
  }

  #settle(message: Message, request: Settling['request']): Promise<void> {
    this.#kept.delete(message)
    return new Promise((resolve, reject) => {
      this.#settling.push({ request, resolve, reject })
      if (this.#settling.length === 1) endOfTurn(() => this.#flush())
    })
  }

  /** What was settled in one turn goes in one frame. */
  #flush(): void {
    while (this.#settling.length > 0) {
      const batch = this.#settling.splice(0, settledMax)
      this.#link
        .request(
          'settle',
          batch.map(({ request }) => request),
        )
        .then(
          (results) => {
            for (const [i, { resolve, reject }] of batch.entries()) {
              const error = results[i] as Partial<ErrorBody> | null
              if (error === null) resolve()
              else reject(MillraceError.from(error))
            }
          },
          (error: MillraceError) => {
            for (const { reject } of batch) reject(error)
          },
        )
    }
  }

  /** A session knows nothing of what was granted to the one before it. */
  #opened(): void {
    if (this.#done || this.#link === undefined) return
    this.#taken = 0
    this.#link.credit(Math.max(1, this.#prefetch - this.#waiting.length), this.#visibilityMillis)
  }

  #grantWhenDue(): void {
    if (this.#done || this.#taken < this.#prefetch / 2) return
    this.#link.credit(this.#taken, this.#visibilityMillis)
    this.#taken = 0
  }

  #arrived(messages: readonly WireMessage[]): void {
    for (const each of messages) {
      const message = new Message(each, this)
      this.#kept.add(message)
      this.#waiting.push(message)
    }
    for (const wake of this.#wakes.splice(0)) wake()
  }

  #extendLater(): void {
    this.#timer = backgroundTimer(this.#visibilityMillis / 3, () => {
      const kept = [...this.#kept].map(({ handle }) => ({ handle, visibilityMillis: this.#visibilityMillis }))
      for (let i = 0; i < kept.length; i += settledMax) {
        // One that is gone or was given to another needs no more keeping; settling it will say so.
        this.#link.request('settle', kept.slice(i, i + settledMax)).catch(() => undefined)
      }
      this.#extendLater()
    })
  }

  #fail(error: MillraceError): void {
    this.#error ??= error
    this.#finish()
    this.#connection.remove(this)
  }

  #finish(): void {
    this.#done = true
    this.#timer?.cancel()
    this.#signal?.removeEventListener('abort', this.#abort)
    for (const wake of this.#wakes.splice(0)) wake()
  }
}
