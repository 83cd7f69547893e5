import { Packr } from 'msgpackr'
import type { Channel } from '../broker/wire/channel.ts'
import { type ErrorBody, MillraceError } from '../broker/wire/errors.ts'
import { FrameSplitter, frameTypes, jsonPayload } from '../broker/wire/frame.ts'
import type { MessageAttribute } from '../broker/wire/queue-message.ts'
import type { ListenedMessage } from '../broker/wire/topic-description.ts'
import { type BackgroundTimer, backgroundTimer } from './background-timer.ts'
import { Backoff } from './backoff.ts'
import type { Closable, Connection } from './connection.ts'

export interface ListenOptions {
  /** Ends the listening. */
  readonly signal?: AbortSignal
}

const packr = new Packr({ useRecords: false })
const decoder = new TextDecoder()
const frameBytesMax = 64 * 1024 * 1024
/** Above this many the broker is not read until some are taken. */
const waitingMax = 1_000
/** Heartbeats come every 10 seconds; after three missed ones nobody is there. */
const silenceMillisMax = 30_000

/** A message that was published while somebody listened. */
export class TopicMessage {
  readonly id: string
  /** When it was published, milliseconds since 1970. */
  readonly time: number
  /** Of FIFO topics. */
  readonly sequence: number | undefined
  readonly data: Uint8Array
  readonly subject: string | undefined
  readonly group: string | undefined
  readonly attributes: Readonly<Record<string, MessageAttribute>>
  readonly trace: string | undefined

  constructor(message: ListenedMessage) {
    this.id = message.id
    this.time = message.time
    this.sequence = message.sequence
    this.data = message.data
    this.subject = message.subject
    this.group = message.group
    this.attributes = message.attributes ?? {}
    this.trace = message.trace
  }

  /** Its data as UTF-8. */
  text(): string {
    return decoder.decode(this.data)
  }

  /** Its data as JSON. */
  json<T>(): T {
    return JSON.parse(this.text()) as T
  }
}

/**
 * Listens to a topic at its tail: nothing of it is kept by the broker. A connection that breaks is opened again; what was published meanwhile is
 * missed, which a durable subscription never does.
 */
export class TopicListener implements AsyncDisposable, Closable {
  readonly #connection: Connection
  readonly #path: string
  readonly #body: object
  readonly #signal: AbortSignal | undefined
  readonly #backoff = new Backoff()
  readonly #closing = new AbortController()
  #waiting: TopicMessage[] = []
  #splitter = new FrameSplitter(frameBytesMax)
  #channel: Channel | undefined
  #watchdog: BackgroundTimer | undefined
  #heardAt = 0
  #paused = false
  #listening = false
  #error: MillraceError | undefined
  #wakes: (() => void)[] = []

  constructor(connection: Connection, path: string, body: object, { signal }: ListenOptions = {}) {
    this.#connection = connection
    this.#path = `${path}/listen`
    this.#body = body
    this.#signal = signal
    signal?.addEventListener('abort', this.#abort)
    if (signal?.aborted) this.#finish()
    else this.#open()
  }

  /** Resolves once the broker listens for it: from then on nothing is missed. */
  async ready(): Promise<void> {
    while (!this.#listening && !this.#closing.signal.aborted) await this.#woken()
    if (this.#error !== undefined) throw this.#error
  }

  /**
   * The next message; undefined when the listener was closed.
   * @throws topic_not_found, policy_invalid, unauthorized and other errors that trying again cannot mend
   */
  async next(): Promise<TopicMessage | undefined> {
    for (;;) {
      const message = this.#waiting.shift()
      if (message !== undefined) {
        if (this.#paused && this.#waiting.length < waitingMax / 2) this.#resume()
        return message
      }
      if (this.#error !== undefined) throw this.#error
      if (this.#closing.signal.aborted) return undefined
      await this.#woken()
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TopicMessage> {
    try {
      for (let message = await this.next(); message !== undefined; message = await this.next()) yield message
    } finally {
      await this.close()
    }
  }

  async close(): Promise<void> {
    this.#finish()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  readonly #abort = () => this.#finish()

  #open(): void {
    this.#splitter = new FrameSplitter(frameBytesMax)
    this.#paused = false
    let channel: Channel
    try {
      channel = this.#connection.endpoint.open(this.#path, this.#body)
    } catch (error) {
      this.#finish(MillraceError.wrap(error))
      return
    }
    this.#channel = channel
    channel.listen({
      data: (chunk) => this.#receive(channel, chunk),
      end: () => this.#lost(channel),
      drain: () => undefined,
      closed: (error) => this.#lost(channel, error),
    })
    channel.resume()
    this.#heardAt = Date.now()
    this.#watch(channel)
  }

  #receive(channel: Channel, chunk: Uint8Array): void {
    if (channel !== this.#channel) return
    this.#heardAt = Date.now()
    this.#backoff.reset()
    try {
      for (const { type, payload } of this.#splitter.push(chunk)) {
        if (type === frameTypes.messages) {
          for (const each of packr.unpack(payload) as ListenedMessage[]) this.#waiting.push(new TopicMessage(each))
        } else if (type === frameTypes.error) {
          this.#lost(channel, MillraceError.from(jsonPayload(payload) as Partial<ErrorBody>))
        } else if (type === frameTypes.drain) this.#lost(channel)
      }
    } catch (error) {
      this.#lost(channel, MillraceError.wrap(error))
    }
    if (channel !== this.#channel) return
    this.#listening = true
    if (this.#waiting.length >= waitingMax && !this.#paused) {
      this.#paused = true
      channel.pause()
    }
    this.#wake()
  }

  #resume(): void {
    this.#paused = false
    this.#channel?.resume()
  }

  #lost(channel: Channel, error?: MillraceError): void {
    if (channel !== this.#channel) return
    this.#channel = undefined
    this.#listening = false
    this.#watchdog?.cancel()
    channel.destroy()
    if (this.#closing.signal.aborted) return
    if (error !== undefined && !error.retryable) {
      this.#finish(error)
      return
    }
    this.#backoff.wait(this.#closing.signal).then(() => {
      if (!this.#closing.signal.aborted) this.#open()
    })
  }

  #finish(error?: MillraceError): void {
    if (this.#closing.signal.aborted) return
    this.#error = error
    this.#closing.abort()
    this.#watchdog?.cancel()
    this.#signal?.removeEventListener('abort', this.#abort)
    const channel = this.#channel
    this.#channel = undefined
    channel?.destroy()
    this.#connection.remove(this)
    this.#wake()
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => this.#wakes.push(resolve))
  }

  #wake(): void {
    for (const wake of this.#wakes.splice(0)) wake()
  }

  #watch(channel: Channel): void {
    if (!this.#connection.realTime) return
    this.#watchdog = backgroundTimer(silenceMillisMax, () => {
      if (channel !== this.#channel) return
      // A broker that is not read cannot be heard.
      if (this.#paused || Date.now() - this.#heardAt < silenceMillisMax) this.#watch(channel)
      else this.#lost(channel, new MillraceError('unavailable', { url: 'the broker', reason: 'it said nothing' }))
    })
  }
}
