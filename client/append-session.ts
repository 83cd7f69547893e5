import { acksOf } from '../broker/wire/ack.ts'
import type { Channel } from '../broker/wire/channel.ts'
import { type ErrorBody, MillraceError } from '../broker/wire/errors.ts'
import {
  type Frame,
  FrameSplitter,
  frameHeaderBytes,
  frameTypes,
  jsonPayload,
  writeFrameHeader,
} from '../broker/wire/frame.ts'
import { viewOf } from '../broker/wire/u64.ts'
import { type BackgroundTimer, backgroundTimer } from './background-timer.ts'
import type { OutgoingBlock } from './shard-outbox.ts'

/** What an append session tells its producer. */
export interface AppendSessionEvents {
  /** The block is on disk. */
  acked(block: OutgoingBlock, baseSequence: number, appendTime: number): void
  /** The block was not stored. */
  rejected(block: OutgoingBlock, error: MillraceError): void
  /** The broker takes more. */
  drain(): void
  /** Nothing more will be settled; `error` unless the broker drained or both sides ended it. Called once. */
  ended(error?: MillraceError): void
}

/** Payloads of answers are acks and small JSON. */
const answerBytesMax = 16 * 1024 * 1024
/** Blocks below this size travel with others of the same turn in one chunk; larger ones are not worth the copy. */
const copiedBytesMax = 32 * 1024
/** How long blocks may go unanswered before the session is given up. */
const silenceMillisMax = 30_000

/** The client's side of one append session: blocks go out in order, and each is acked or rejected, unless the session ends first. */
export class AppendSession {
  readonly #channel: Channel
  readonly #events: AppendSessionEvents
  readonly #splitter = new FrameSplitter(answerBytesMax)
  /** What was sent and not answered, by its number in this session. */
  readonly #unsettled = new Map<number, OutgoingBlock>()
  #next = 0
  #outgoing: OutgoingBlock[] = []
  #writable = true
  #over = false
  #answeredAt = 0
  #watchdog: BackgroundTimer | undefined

  constructor(channel: Channel, events: AppendSessionEvents) {
    this.#channel = channel
    this.#events = events
    channel.listen({
      data: (chunk) => this.#receive(chunk),
      end: () => this.#end(),
      drain: () => {
        this.#writable = true
        events.drain()
      },
      closed: (error) => this.#end(error),
    })
    channel.resume()
  }

  /** How many blocks wait for their answer. */
  get unsettled(): number {
    return this.#unsettled.size
  }

  /** Whether more may be sent now; when not, `drain` says when. */
  get writable(): boolean {
    return this.#writable && !this.#over
  }

  /** Sends a block, at the end of the turn with all others of that turn. */
  send(block: OutgoingBlock): void {
    if (this.#unsettled.size === 0) this.#watch()
    this.#unsettled.set(this.#next, block)
    this.#next = (this.#next + 1) >>> 0
    this.#outgoing.push(block)
    if (this.#outgoing.length === 1) queueMicrotask(() => this.#write())
  }

  /** Ends our half; what is unsettled will still be answered. */
  end(): void {
    this.#write()
    this.#channel.end()
  }

  /** Drops the session. */
  destroy(): void {
    this.#channel.destroy()
    this.#end(new MillraceError('cancelled', { what: 'The append session' }))
  }

  #write(): void {
    const blocks = this.#outgoing
    if (blocks.length === 0 || this.#over) return
    this.#outgoing = []
    let first = 0
    while (first < blocks.length) {
      let end = first
      let bytes = 0
      while (end < blocks.length && (blocks[end] as OutgoingBlock).bytes.length < copiedBytesMax) {
        bytes += frameHeaderBytes + (blocks[end++] as OutgoingBlock).bytes.length
      }
      if (end === first) this.#writeAlone(blocks[end++] as OutgoingBlock)
      else this.#writeTogether(blocks, first, end, bytes)
      first = end
    }
  }

  #writeTogether(blocks: readonly OutgoingBlock[], first: number, end: number, bytes: number): void {
    const chunk = new Uint8Array(bytes)
    const view = viewOf(chunk)
    let at = 0
    for (let i = first; i < end; i++) {
      const { shard, bytes: block } = blocks[i] as OutgoingBlock
      writeFrameHeader(view, at, frameTypes.blocks, 0, shard, block.length)
      chunk.set(block, at + frameHeaderBytes)
      at += frameHeaderBytes + block.length
    }
    this.#send(chunk)
  }

  #writeAlone({ shard, bytes }: OutgoingBlock): void {
    const header = new Uint8Array(frameHeaderBytes)
    writeFrameHeader(viewOf(header), 0, frameTypes.blocks, 0, shard, bytes.length)
    this.#send(header)
    this.#send(bytes)
  }

  #send(chunk: Uint8Array): void {
    if (!this.#channel.write(chunk)) this.#writable = false
  }

  /** A peer that is gone without a word, a machine that lost power say, is found out by its silence. */
  #watch(): void {
    this.#answeredAt = Date.now()
    this.#watchdog ??= backgroundTimer(silenceMillisMax, () => {
      this.#watchdog = undefined
      if (this.#over || this.#unsettled.size === 0) return
      if (Date.now() - this.#answeredAt < silenceMillisMax) {
        this.#watch()
        return
      }
      this.#channel.destroy()
      this.#end(new MillraceError('unavailable', { url: 'the broker', reason: 'no answer to what was sent' }))
    })
  }

  #receive(chunk: Uint8Array): void {
    this.#answeredAt = Date.now()
    try {
      for (const frame of this.#splitter.push(chunk)) this.#take(frame)
    } catch (error) {
      this.#channel.destroy()
      this.#end(MillraceError.wrap(error))
    }
  }

  #take(frame: Frame): void {
    if (this.#over) return
    if (frame.type === frameTypes.ack) {
      for (const { block, baseSequence, appendTime } of acksOf(frame.payload)) {
        const sent = this.#settle(block)
        if (sent !== undefined) this.#events.acked(sent, baseSequence, appendTime)
      }
    } else if (frame.type === frameTypes.reject) {
      const { block, error } = jsonPayload(frame.payload) as { block: number; error: Partial<ErrorBody> }
      const sent = this.#settle(block)
      if (sent !== undefined) this.#events.rejected(sent, MillraceError.from(error))
    } else if (frame.type === frameTypes.error) {
      this.#channel.end()
      this.#end(MillraceError.from(jsonPayload(frame.payload) as Partial<ErrorBody>))
    }
  }

  #settle(block: number): OutgoingBlock | undefined {
    const sent = this.#unsettled.get(block)
    this.#unsettled.delete(block)
    return sent
  }

  #end(error?: MillraceError): void {
    if (this.#over) return
    this.#over = true
    this.#watchdog?.cancel()
    this.#channel.end()
    this.#events.ended(error)
  }
}
