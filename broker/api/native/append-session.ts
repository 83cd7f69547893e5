import type { Broker, LongStream } from '../../broker.ts'
import type { Stream } from '../../modes/stream.ts'
import { type Ack, ackFrame } from '../../wire/ack.ts'
import { type BlockHeader, readBlockHeader } from '../../wire/block.ts'
import type { Channel } from '../../wire/channel.ts'
import { MillraceError } from '../../wire/errors.ts'
import { type Frame, FrameSplitter, frameIntact, frameTypes, jsonFrame } from '../../wire/frame.ts'
import { viewOf } from '../../wire/u64.ts'

/**
 * One producer's session: blocks come in, and when they are durable, acks go out, all that became durable in one turn in one
 * frame. It is not read while much of it is unsettled, so that a producer feels the disk's pace and memory stays bounded.
 */
export class AppendSession implements LongStream {
  readonly #broker: Broker
  readonly #stream: Stream
  readonly #channel: Channel
  readonly #splitter: FrameSplitter
  #acks: Ack[] = []
  #flushing = false
  /** For each shard and producer the first block that was rejected and has not come again. */
  readonly #gaps = new Map<string, number>()
  #blocks = 0
  /** Bytes of an unfinished frame, as they were counted last. */
  #pendingBytes = 0
  #outstanding = 0
  #outstandingBytes = 0
  #paused = false
  #writable = true
  /** No more blocks are taken: the client ended, the broker drains, or something was malformed. */
  #over = false
  #closed = false
  #last: Uint8Array | undefined

  constructor(broker: Broker, stream: Stream, channel: Channel) {
    this.#broker = broker
    this.#stream = stream
    this.#channel = channel
    this.#splitter = new FrameSplitter(broker.limits.frameBytesMax)
    broker.add(this)
    channel.listen({
      data: (chunk) => this.#receive(chunk),
      end: () => this.#finish(this.#cutOff()),
      drain: () => this.#drained(),
      closed: () => this.#close(),
    })
    channel.resume()
  }

  drain(): void {
    this.#finish(jsonFrame(frameTypes.drain, 0, {}))
  }

  #receive(chunk: Uint8Array): void {
    if (this.#over) return
    try {
      for (const frame of this.#splitter.push(chunk)) this.#take(frame)
      this.#countPending(this.#splitter.pending)
    } catch (error) {
      this.#finish(jsonFrame(frameTypes.error, 0, MillraceError.wrap(error)))
    }
    this.#regulate()
  }

  #countPending(bytes: number): void {
    const more = bytes - this.#pendingBytes
    if (more > 0) this.#broker.unfinished.take(more)
    else this.#broker.unfinished.give(-more)
    this.#pendingBytes = bytes
  }

  /** A frame or block whose borders cannot be trusted ends the session; a block that is bad within its borders is refused alone. */
  #take(frame: Frame): void {
    if (frame.type !== frameTypes.blocks || this.#over) return
    // Blocks have checksums of their own, so producers may leave the frame's out.
    if (frame.crc !== 0 && !frameIntact(frame))
      throw new MillraceError('frame_malformed', { reason: 'its checksum does not match' })
    const view = viewOf(frame.payload)
    const taken = new TakenFrame(frame, this.#splitter)
    for (let at = 0; at < frame.payload.length; ) {
      const header = readBlockHeader(view, at)
      taken.unsettled++
      this.#append(taken, header, frame.payload.subarray(at, at + header.length))
      at += header.length
    }
    taken.settled()
  }

  #append(taken: TakenFrame, header: BlockHeader, bytes: Uint8Array): void {
    const { shard } = taken
    const block = this.#blocks
    this.#blocks = (this.#blocks + 1) >>> 0
    this.#outstanding++
    this.#outstandingBytes += bytes.length
    const settlement = {
      committed: (baseSequence: number, appendTime: number) => {
        this.#acks.push({ block, baseSequence, appendTime })
        taken.settled()
        this.#settled(bytes.length)
      },
      failed: (error: MillraceError) => {
        // A closed shard takes nothing behind the gap either, and says so itself.
        if (error.code !== 'shard_closed') this.#missing(shard, header)
        this.#write(jsonFrame(frameTypes.reject, shard, { block, error }))
        taken.settled()
        this.#settled(bytes.length)
      },
    }
    const gap = this.#gap(shard, header)
    if (gap === undefined) this.#stream.append(shard, bytes, settlement)
    else settlement.failed(gap)
  }

  /**
   * A rejected block leaves a gap. The shard knows of it once it knows the producer; of one that is new to it, a block behind the gap
   * would be taken for its first. So the session remembers the gap until it is filled.
   */
  #missing(shard: number, { producerId, producerSequence }: BlockHeader): void {
    if (producerId === 0) return
    const place = `${shard}/${producerId}`
    this.#gaps.set(place, Math.min(producerSequence, this.#gaps.get(place) ?? producerSequence))
  }

  #gap(shard: number, { producerId: producer, producerSequence: sequence }: BlockHeader): MillraceError | undefined {
    if (this.#gaps.size === 0) return undefined
    const place = `${shard}/${producer}`
    const expected = this.#gaps.get(place)
    if (expected === undefined) return undefined
    if (sequence > expected) return new MillraceError('out_of_order', { producer, sequence, expected })
    this.#gaps.delete(place)
    return undefined
  }

  /** Whatever settles in this turn is answered at its end, in one write. */
  #settled(bytes: number): void {
    this.#outstanding--
    this.#outstandingBytes -= bytes
    if (this.#flushing) return
    this.#flushing = true
    queueMicrotask(() => this.#flush())
  }

  #flush(): void {
    this.#flushing = false
    if (this.#acks.length > 0) {
      this.#write(ackFrame(this.#acks))
      this.#acks = []
    }
    this.#regulate()
    this.#endWhenSettled()
  }

  #write(bytes: Uint8Array): void {
    if (!this.#closed && !this.#channel.write(bytes)) this.#writable = false
  }

  #drained(): void {
    this.#writable = true
    this.#regulate()
  }

  /** Reads on or stops reading, by what is unsettled and by whether answers are taken. */
  #regulate(): void {
    const limit = this.#broker.limits.sessionInFlightBytesMax
    if (!this.#paused && (this.#outstandingBytes > limit || !this.#writable)) {
      this.#paused = true
      this.#channel.pause()
    } else if (this.#paused && this.#writable && this.#outstandingBytes <= limit / 2) {
      this.#paused = false
      this.#channel.resume()
    }
  }

  /** What to say to a client that ended inside a frame. */
  #cutOff(): Uint8Array | undefined {
    if (this.#splitter.pending === 0) return undefined
    return jsonFrame(
      frameTypes.error,
      0,
      new MillraceError('frame_malformed', { reason: 'the session ended inside it' }),
    )
  }

  /** Takes no more blocks, answers those that are under way, says `last` and ends. */
  #finish(last?: Uint8Array): void {
    if (this.#over) return
    this.#over = true
    this.#countPending(0)
    this.#last = last
    this.#endWhenSettled()
  }

  #endWhenSettled(): void {
    if (!this.#over || this.#closed || this.#outstanding > 0 || this.#flushing) return
    this.#closed = true
    if (this.#last !== undefined) this.#channel.write(this.#last)
    this.#channel.end()
  }

  #close(): void {
    this.#over = true
    this.#countPending(0)
    this.#closed = true
    this.#broker.remove(this)
  }
}

/** A frame whose blocks are being appended; when all are settled, its buffer can take the next one. */
class TakenFrame {
  readonly shard: number
  readonly #frame: Frame
  readonly #splitter: FrameSplitter
  /** Its blocks that are not settled, and one more until all were taken. */
  unsettled = 1

  constructor(frame: Frame, splitter: FrameSplitter) {
    this.shard = frame.shard
    this.#frame = frame
    this.#splitter = splitter
  }

  settled(): void {
    if (--this.unsettled === 0) this.#splitter.giveBack(this.#frame)
  }
}
