import { Packr } from 'msgpackr'
import type { Channel } from '../broker/wire/channel.ts'
import { type ErrorBody, MillraceError } from '../broker/wire/errors.ts'
import { type Frame, FrameSplitter, frame, frameTypes, jsonPayload } from '../broker/wire/frame.ts'
import type { QueueMessage } from '../broker/wire/queue-description.ts'
import { type BackgroundTimer, backgroundTimer } from './background-timer.ts'
import { Backoff } from './backoff.ts'
import type { Connection } from './connection.ts'

/** What a link tells whoever uses it. */
export interface QueueLinkEvents {
  /** A session is open, the first one or the next: credit that was granted before is void. */
  opened(): void
  messages(messages: readonly QueueMessage[]): void
  /** The link is over, and trying again would not mend it. */
  failed(error: MillraceError): void
}

type RequestType = 'send' | 'settle'

interface Request {
  readonly type: RequestType
  readonly payload: Uint8Array
  /** Whether it is sent again in the next session when this one ends. */
  readonly again: boolean
  readonly resolve: (results: readonly unknown[]) => void
  readonly reject: (error: MillraceError) => void
}

const packr = new Packr({ useRecords: false })
const frameBytesMax = 64 * 1024 * 1024
/** Heartbeats come every 5 seconds; after three missed ones nobody is there. */
const silenceMillisMax = 30_000
const retryMillisMax = 30_000

/**
 * A queue session that lasts: when it breaks the next one is opened, and what was not answered is sent again. So a message may be
 * stored twice when the answer was lost; a FIFO queue's deduplication ids rule that out.
 */
export class QueueLink {
  readonly #connection: Connection
  readonly #path: string
  readonly #events: QueueLinkEvents
  readonly #backoff = new Backoff()
  readonly #closing = new AbortController()
  /** What was not answered, in order. */
  readonly #unanswered = new Set<Request>()
  /** What was sent in this session, by type and number. */
  readonly #sent = new Map<string, Request>()
  readonly #numbers = { send: 0, settle: 0 }
  #splitter = new FrameSplitter(frameBytesMax)
  #channel: Channel | undefined
  #watchdog: BackgroundTimer | undefined
  #heardAt = 0
  /** When requests began to find nobody. */
  #lostAt: number | undefined
  #idle: (() => void)[] = []
  /** Who waits for credit to be taken back. */
  readonly #cancelling: (() => void)[] = []
  #over = false

  constructor(connection: Connection, path: string, events: QueueLinkEvents) {
    this.#connection = connection
    this.#path = `${path}/session`
    this.#events = events
    this.#open()
  }

  /** Requests that wait for their answer. */
  get unanswered(): number {
    return this.#unanswered.size
  }

  /**
   * Sends a request; resolves with its results. With `again` false it is for this session only, and fails with it.
   * @throws MillraceError when the broker refuses it as a whole, or cannot be reached for 30 seconds
   */
  request(type: RequestType, value: readonly unknown[], again = true): Promise<readonly unknown[]> {
    return new Promise((resolve, reject) => {
      if (this.#over || (!again && this.#channel === undefined)) {
        reject(new MillraceError('cancelled', { what: 'The queue session' }))
        return
      }
      const request = { type, payload: packr.pack(value), again, resolve, reject }
      this.#unanswered.add(request)
      this.#write(request)
    })
  }

  /** Takes so many more messages. */
  credit(messages: number, visibilityMillis: number): void {
    this.#channel?.write(frame(frameTypes.credit, 0, 0, packr.pack({ messages, visibilityMillis })))
  }

  /** Takes no more messages: what was granted is taken back. Resolves when all that was sent before is here, or the session is over. */
  cancelCredit(): Promise<void> {
    const channel = this.#channel
    if (channel === undefined) return Promise.resolve()
    return new Promise((resolve) => {
      this.#cancelling.push(resolve)
      channel.write(frame(frameTypes.credit, 0, 0, packr.pack({ messages: 0, cancel: true })))
    })
  }

  /** Waits for what is unanswered, and ends. */
  async close(): Promise<void> {
    if (!this.#over && this.#unanswered.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
    this.#end()
  }

  #open(): void {
    this.#sent.clear()
    this.#numbers.send = 0
    this.#numbers.settle = 0
    this.#splitter = new FrameSplitter(frameBytesMax)
    let channel: Channel
    try {
      channel = this.#connection.endpoint.open(this.#path)
    } catch (error) {
      this.#fail(MillraceError.wrap(error))
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
    this.#events.opened()
    for (const request of this.#unanswered) this.#write(request)
  }

  #write(request: Request): void {
    if (this.#channel === undefined) return
    this.#sent.set(`${request.type} ${this.#numbers[request.type]++}`, request)
    this.#channel.write(frame(frameTypes[request.type], 0, 0, request.payload))
  }

  #receive(channel: Channel, chunk: Uint8Array): void {
    if (channel !== this.#channel) return
    this.#heardAt = Date.now()
    this.#lostAt = undefined
    this.#backoff.reset()
    try {
      for (const each of this.#splitter.push(chunk)) this.#take(channel, each)
    } catch (error) {
      this.#lost(channel, MillraceError.wrap(error))
    }
  }

  #take(channel: Channel, { type, payload }: Frame): void {
    if (channel !== this.#channel) return
    if (type === frameTypes.messages) this.#events.messages(packr.unpack(payload) as QueueMessage[])
    else if (type === frameTypes.credit) this.#cancelled()
    else if (type === frameTypes.sent) this.#answered('send', payload)
    else if (type === frameTypes.settled) this.#answered('settle', payload)
    else if (type === frameTypes.drain) this.#lost(channel)
    else if (type === frameTypes.error) {
      this.#lost(channel, MillraceError.from(jsonPayload(payload) as Partial<ErrorBody>))
    }
  }

  #answered(type: RequestType, payload: Uint8Array): void {
    const answer = packr.unpack(payload) as { frame: number; results?: unknown[]; error?: Partial<ErrorBody> }
    const key = `${type} ${answer.frame}`
    const request = this.#sent.get(key)
    this.#sent.delete(key)
    if (request === undefined) return
    this.#unanswered.delete(request)
    if (answer.results !== undefined) request.resolve(answer.results)
    else request.reject(MillraceError.from(answer.error ?? {}))
    if (this.#unanswered.size === 0) for (const resolve of this.#idle.splice(0)) resolve()
  }

  /** The session is over: the next one is opened, unless that would end as this one did. */
  #lost(channel: Channel, error?: MillraceError): void {
    if (channel !== this.#channel) return
    this.#channel = undefined
    this.#watchdog?.cancel()
    this.#cancelled()
    this.#rejectAll(error ?? new MillraceError('cancelled', { what: 'The queue session' }), ({ again }) => !again)
    channel.destroy()
    if (this.#over) return
    if (error !== undefined && !error.retryable) {
      this.#fail(error)
      return
    }
    this.#lostAt ??= Date.now()
    if (this.#unanswered.size > 0 && Date.now() - this.#lostAt > retryMillisMax) {
      this.#rejectAll(error ?? new MillraceError('unavailable', { url: 'the broker', reason: 'the session ended' }))
    }
    this.#backoff.wait(this.#closing.signal).then(() => {
      if (!this.#over) this.#open()
    })
  }

  #fail(error: MillraceError): void {
    this.#end(error)
    this.#events.failed(error)
  }

  #end(error = new MillraceError('cancelled', { what: 'The queue session' })): void {
    if (this.#over) return
    this.#over = true
    this.#closing.abort()
    this.#watchdog?.cancel()
    this.#cancelled()
    this.#channel?.end()
    this.#rejectAll(error)
  }

  #cancelled(): void {
    for (const resolve of this.#cancelling.splice(0)) resolve()
  }

  #rejectAll(error: MillraceError, which: (request: Request) => boolean = () => true): void {
    for (const request of [...this.#unanswered].filter(which)) {
      this.#unanswered.delete(request)
      request.reject(error)
    }
    if (this.#unanswered.size === 0) for (const resolve of this.#idle.splice(0)) resolve()
  }

  #watch(channel: Channel): void {
    if (!this.#connection.realTime) return
    this.#watchdog = backgroundTimer(silenceMillisMax, () => {
      if (channel !== this.#channel) return
      if (Date.now() - this.#heardAt < silenceMillisMax) this.#watch(channel)
      else this.#lost(channel, new MillraceError('unavailable', { url: 'the broker', reason: 'it said nothing' }))
    })
  }
}
