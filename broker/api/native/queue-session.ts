import { Packr } from 'msgpackr'
import type { Broker, LongStream } from '../../broker.ts'
import type { Timer } from '../../clock.ts'
import type { Queue } from '../../modes/queue.ts'
import type { Picked, Taker } from '../../modes/queue-delivery.ts'
import type { SettleRequest } from '../../modes/queue-settling.ts'
import type { Channel } from '../../wire/channel.ts'
import { MillraceError } from '../../wire/errors.ts'
import { type Frame, FrameSplitter, type FrameType, frame, frameTypes, jsonFrame } from '../../wire/frame.ts'
import { checkMessagePack } from '../../wire/messagepack.ts'
import { Fields } from '../fields.ts'
import type { May } from '../operation.ts'
import { plain } from '../plain.ts'
import { messageIn, showMessage } from './queue-fields.ts'
import { visibilityIn } from './settle-messages.ts'

const packr = new Packr({ useRecords: false })

/**
 * One client's session with a queue: messages come in and are answered when they are durable; messages go out while the client grants
 * credit; deletes and changes of visibility come in and are answered when they are durable. What the client sends is not read while
 * much of it is unanswered, so memory stays bounded.
 */
export class QueueSession implements LongStream, Taker {
  readonly #broker: Broker
  readonly #queue: Queue
  readonly #channel: Channel
  readonly #splitter: FrameSplitter
  readonly #may: May
  readonly lasting = true
  visibilityMillis: number | undefined
  #credit = 0
  /** The client takes nothing until it grants credit again, what was on its way to it included. */
  #cancelled = false
  #serving = false
  #unanswered = 0
  #unansweredBytes = 0
  #paused = false
  #writable = true
  /** Nothing more is taken or given out; what is under way is answered. */
  #over = false
  #closed = false
  #last: Uint8Array | undefined
  #heartbeat: Timer | undefined
  #wrote = false

  constructor(broker: Broker, queue: Queue, channel: Channel, may: May = { read: true, write: true }) {
    this.#broker = broker
    this.#may = may
    this.#queue = queue
    this.#channel = channel
    this.#splitter = new FrameSplitter(broker.limits.frameBytesMax)
    broker.add(this)
    channel.listen({
      data: (chunk) => this.#receive(chunk),
      end: () => this.#finish(undefined),
      drain: () => this.#drained(),
      closed: () => this.#close(),
    })
    channel.resume()
    this.#beat()
  }

  drain(): void {
    this.#finish(jsonFrame(frameTypes.drain, 0, {}))
  }

  want(): number {
    return this.#over || !this.#writable ? 0 : Math.min(this.#credit, this.#broker.limits.messagesPerCallMax)
  }

  reserve(count: number): void {
    this.#credit -= count
  }

  deliver(picked: readonly Picked[]): boolean {
    if (this.#over || this.#cancelled) return false
    const messages = picked.map((each) => showMessage(this.#queue.received(each)))
    this.#send(frame(frameTypes.messages, 0, 0, packr.pack(messages)))
    return true
  }

  nothing(): void {
    // It waits, for as long as it has credit.
  }

  fail(error: MillraceError): void {
    this.#finish(jsonFrame(frameTypes.error, 0, error))
  }

  #receive(chunk: Uint8Array): void {
    if (this.#over) return
    try {
      for (const each of this.#splitter.push(chunk)) this.#take(each)
    } catch (error) {
      this.#finish(jsonFrame(frameTypes.error, 0, MillraceError.wrap(error)))
    }
  }

  #take({ type, payload }: Frame): void {
    if (this.#over) return
    if (type !== frameTypes.send && type !== frameTypes.credit && type !== frameTypes.settle) return
    if (!(type === frameTypes.send ? this.#may.write : this.#may.read)) {
      const what = type === frameTypes.send ? 'send to this queue' : 'receive from this queue'
      throw new MillraceError('forbidden', { what })
    }
    checkMessagePack(payload)
    // The frame is a window on a buffer that is read into again; what is kept of it must be its own.
    const value: unknown = packr.unpack(payload.slice())
    if (type === frameTypes.credit) this.#grant(new Fields(value))
    else if (type === frameTypes.send) this.#sendMessages(value, payload.length)
    else this.#settle(value, payload.length)
  }

  #grant(fields: Fields): void {
    const { limits } = this.#broker
    const cancel = fields.raw('cancel') === true
    const credit = fields.required('messages', fields.integer('messages', { min: 0, max: limits.queueInFlightMax }))
    const visibility = { min: sessionVisibilityMillisMin, max: limits.visibilityMillisMax }
    this.visibilityMillis = fields.integer('visibilityMillis', visibility) ?? this.visibilityMillis
    fields.done()
    if (cancel) this.#credit = 0
    this.#credit = Math.min(this.#credit + credit, limits.queueInFlightMax)
    this.#cancelled = (cancel || this.#cancelled) && credit === 0
    // Who is about to give back what he has must not be sent it again, and knows by this that all he was sent is with him.
    if (cancel) this.#write(frameTypes.credit, { messages: this.#credit, cancel })
    this.#serve()
  }

  #serve(): void {
    if (this.#over) return
    if (this.#serving) this.#queue.delivery.wake()
    else {
      this.#serving = true
      this.#queue.serve(this)
    }
  }

  #sendMessages(value: unknown, bytes: number): void {
    this.#answer(frameTypes.sent, bytes, async () => {
      const messages = this.#listIn(value).map((each, i) =>
        messageIn(new Fields(each, `messages[${i}].`), this.#broker.limits),
      )
      return this.#queue.send(messages)
    })
  }

  #settle(value: unknown, bytes: number): void {
    this.#answer(frameTypes.settled, bytes, async () => {
      const requests = this.#listIn(value).map((each, i): SettleRequest => {
        if (typeof each === 'string') return { kind: 'delete', handle: each }
        const fields = new Fields(each, `settle[${i}].`)
        return fields.raw('unread') === true ? returnIn(fields) : visibilityIn(fields, this.#broker.limits)
      })
      return (await this.#queue.settle(requests)).map((error) => error ?? null)
    })
  }

  #listIn(value: unknown): readonly unknown[] {
    const limit = this.#broker.limits.messagesPerCallMax
    if (Array.isArray(value) && value.length > 0 && value.length <= limit) return value
    throw new MillraceError('frame_malformed', { reason: `its payload is not an array of 1 to ${limit} values` })
  }

  /** Answers a frame: its results come in the order they become known, so each answer says which frame it is for. */
  #answer(type: FrameType, bytes: number, work: () => Promise<readonly unknown[]>): void {
    const number = this.#frames[type === frameTypes.sent ? 'sent' : 'settled']++
    this.#unanswered++
    this.#unansweredBytes += bytes
    this.#regulate()
    const answered = (answer: unknown) => {
      this.#write(type, answer)
      this.#unanswered--
      this.#unansweredBytes -= bytes
      this.#regulate()
      this.#endWhenAnswered()
    }
    work().then(
      (all) => answered({ frame: number, results: all }),
      (error: unknown) => answered({ frame: number, error: MillraceError.wrap(error) }),
    )
  }

  readonly #frames = { sent: 0, settled: 0 }

  #send(bytes: Uint8Array): void {
    this.#wrote = true
    if (!this.#channel.write(bytes)) this.#writable = false
  }

  #write(type: FrameType, value: unknown): void {
    if (this.#closed) return
    this.#send(frame(type, 0, 0, packr.pack(plain(value, (bytes) => bytes))))
  }

  /** Says that it is there, when nothing else was said for a while. */
  #beat(): void {
    const { clock, limits } = this.#broker
    this.#heartbeat = clock.after(limits.heartbeatMillisDefault, () => {
      if (!this.#wrote && this.#writable)
        this.#send(jsonFrame(frameTypes.heartbeat, 0, { time: clock.now(), shards: [] }))
      this.#wrote = false
      this.#beat()
    })
  }

  #drained(): void {
    this.#writable = true
    this.#regulate()
    if (this.#credit > 0) this.#serve()
  }

  /** Reads on or stops reading, by what is unanswered and by whether answers are taken. */
  #regulate(): void {
    const limit = this.#broker.limits.sessionInFlightBytesMax
    if (!this.#paused && (this.#unansweredBytes > limit || !this.#writable)) {
      this.#paused = true
      this.#channel.pause()
    } else if (this.#paused && this.#writable && this.#unansweredBytes <= limit / 2) {
      this.#paused = false
      this.#channel.resume()
    }
  }

  /** Takes and gives out nothing more, answers what is under way, says `last` and ends. */
  #finish(last: Uint8Array | undefined): void {
    if (this.#over) return
    this.#over = true
    this.#last = last
    this.#heartbeat?.cancel()
    this.#queue.leave(this)
    this.#endWhenAnswered()
  }

  #endWhenAnswered(): void {
    if (!this.#over || this.#closed || this.#unanswered > 0) return
    this.#closed = true
    if (this.#last !== undefined) this.#channel.write(this.#last)
    this.#channel.end()
  }

  #close(): void {
    this.#over = true
    this.#closed = true
    this.#heartbeat?.cancel()
    this.#queue.leave(this)
    this.#broker.remove(this)
  }
}

function returnIn(fields: Fields): SettleRequest {
  const handle = fields.required('handle', fields.string('handle'))
  fields.done()
  return { kind: 'return', handle }
}

/** With less the same messages would come over and over in one turn. */
const sessionVisibilityMillisMin = 100
