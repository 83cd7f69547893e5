import { crc32 } from '#crc32'
import { MillraceError } from './errors.ts'
import { viewOf } from './u64.ts'

/**
 * A frame: what long streams carry and what a commit is made of. All integers big-endian.
 *
 *     offset size field
 *          0    4 crc32      of the bytes from 4 to the end; 0: not given (producers' frames, whose blocks have their own)
 *          4    4 length     bytes of the payload
 *          8    1 type       see frameTypes
 *          9    3 reserved   0
 *         12    4 stream     the stream's number (0 in frames of a session, where the path names it)
 *         16    4 shard      the shard's number in that stream
 *         20    - payload
 *
 * A commit in the store is frames one behind the other, and a `blocks` frame there is byte for byte what a subscriber
 * is sent: delivery, live or from disk, slices it out and never builds it.
 */
export const frameHeaderBytes = 20

/** Payloads: `blocks` is blocks, `ack` is binary (see ack.ts), `journal` belongs to a mode, the rest is JSON. */
export const frameTypes = {
  /** Records, either way: payload is whole blocks. */
  blocks: 1,
  /** Broker to producer: which blocks are durable and where. */
  ack: 2,
  /** Broker to producer: a block was refused; JSON {block, error}. */
  reject: 3,
  /** Broker to consumer: where reading of a shard begins; JSON {sequence}. */
  position: 4,
  /** Broker to consumer: nothing new; JSON {time, shards: [[shard, next, behindMillis]]}. */
  heartbeat: 5,
  /** Broker to consumer: the shard was split or merged and is read to its end; JSON {children: [shard]}. */
  shardEnd: 6,
  /** Broker to client: it is going away, and this stream ends at a frame's border; JSON {}. */
  drain: 7,
  /** Broker to client: the stream ends because of an error; JSON error body. */
  error: 8,
  /** In commits only: a mode's journal entry; `stream` is the mode's number. */
  journal: 9,
  /** Queue sessions; payloads are MessagePack, see docs/wire.md, "Queue session". Client to broker: messages to send. */
  send: 10,
  /** Broker to client: what became of the messages of one `send`. */
  sent: 11,
  /** Client to broker: how many more messages it takes. */
  credit: 12,
  /** Broker to client: messages given out. */
  messages: 13,
  /** Client to broker: deletes, and changes of visibility. */
  settle: 14,
  /** Broker to client: what became of the requests of one `settle`. */
  settled: 15,
} as const

export type FrameType = (typeof frameTypes)[keyof typeof frameTypes]

/** One frame; `payload` and `bytes` (the whole frame) are windows on the buffer it was read from. */
export interface Frame {
  readonly type: number
  readonly stream: number
  readonly shard: number
  readonly crc: number
  readonly payload: Uint8Array
  readonly bytes: Uint8Array
}

/** Writes a header at `at` of `view`, with no CRC. */
export function writeFrameHeader(
  view: DataView,
  at: number,
  type: FrameType,
  stream: number,
  shard: number,
  payloadBytes: number,
): void {
  view.setUint32(at, 0)
  view.setUint32(at + 4, payloadBytes)
  view.setUint32(at + 8, type << 24)
  view.setUint32(at + 12, stream)
  view.setUint32(at + 16, shard)
}

/** Sums the finished frame `bytes` and writes the CRC into it. */
export function sealFrame(bytes: Uint8Array): void {
  viewOf(bytes).setUint32(0, crc32(bytes.subarray(4)))
}

/** A whole frame around `payload`, which is copied, without a CRC: HTTP/2 runs over TCP, and only blocks are kept. */
export function frame(type: FrameType, stream: number, shard: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(frameHeaderBytes + payload.length)
  writeFrameHeader(viewOf(bytes), 0, type, stream, shard, payload.length)
  bytes.set(payload, frameHeaderBytes)
  return bytes
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** A frame with a JSON payload. */
export function jsonFrame(type: FrameType, shard: number, value: unknown): Uint8Array {
  return frame(type, 0, shard, encoder.encode(JSON.stringify(value)))
}

/**
 * The JSON payload of a frame.
 * @throws frame_malformed
 */
export function jsonPayload(payload: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(payload))
  } catch (cause) {
    throw new MillraceError('frame_malformed', { reason: 'its payload is not JSON' }, cause)
  }
}

/**
 * Whether a frame read back from a store is what was written. There every frame has its CRC: one that gives none, in a page
 * that became zeros say, is damaged.
 */
export function frameIntact(each: Frame): boolean {
  return crc32(each.bytes.subarray(4)) === each.crc
}

/** The frame that `bytes` of a store are from end to end, or undefined when they are not one, or it is damaged. */
export function storedFrame(bytes: Uint8Array): Frame | undefined {
  if (bytes.length < frameHeaderBytes) return undefined
  const view = viewOf(bytes)
  if (frameHeaderBytes + view.getUint32(4) !== bytes.length) return undefined
  const frame = frameAt(bytes, view, 0, bytes.length)
  return frameIntact(frame) ? frame : undefined
}

/**
 * The frames that lie one behind the other in `bytes`.
 * @throws frame_malformed when they don't end where `bytes` ends
 */
export function* framesOf(bytes: Uint8Array): Generator<Frame> {
  const view = viewOf(bytes)
  for (let at = 0; at < bytes.length; ) {
    const end = at + frameHeaderBytes
    const whole = end <= bytes.length ? end + view.getUint32(at + 4) : Number.POSITIVE_INFINITY
    if (whole > bytes.length) throw new MillraceError('frame_malformed', { reason: 'it ends inside a frame' })
    yield frameAt(bytes, view, at, whole)
    at = whole
  }
}

function frameAt(bytes: Uint8Array, view: DataView, at: number, end: number): Frame {
  return {
    crc: view.getUint32(at),
    type: view.getUint8(at + 8),
    stream: view.getUint32(at + 12),
    shard: view.getUint32(at + 16),
    payload: bytes.subarray(at + frameHeaderBytes, end),
    bytes: bytes.subarray(at, end),
  }
}

/** Buffers of at least this size are used again; they come in multiples of it, so that one given back fits the next frame too. */
const bufferStepBytes = 16 * 1024
/** What is kept of buffers given back. */
const spareBuffersMax = 4
const spareBytesMax = 1024 * 1024

/** Small frames are not worth keeping anything for. */
function capacityFor(size: number): number {
  return size < bufferStepBytes ? size : Math.ceil(size / bufferStepBytes) * bufferStepBytes
}

/**
 * Cuts a byte stream into frames. A frame that lies whole in one chunk is handed on as a window on that chunk; only one
 * that straddles chunks is put together, in a buffer of its own, each byte copied once.
 */
export class FrameSplitter {
  readonly #payloadBytesMax: number
  /** Where a frame's header is put together. */
  readonly #header: Uint8Array = new Uint8Array(frameHeaderBytes)
  #partial: Uint8Array = this.#header
  #have = 0
  /** Buffers that were given back: fresh memory costs more than what is written to it. */
  #spare: Uint8Array[] = []
  #spareBytes = 0
  /** The buffers of frames that were put together. */
  readonly #lent = new WeakMap<Frame, Uint8Array>()

  constructor(payloadBytesMax: number) {
    this.#payloadBytesMax = payloadBytesMax
  }

  /** Bytes of an unfinished frame held back. */
  get pending(): number {
    return this.#have
  }

  /**
   * The frames that `chunk` completes. They must be taken to the last: the rest of the chunk is kept only then.
   * @throws frame_malformed when a frame says it is larger than this stream allows
   */
  *push(chunk: Uint8Array): Generator<Frame> {
    let at = 0
    if (this.#have > 0) {
      at = this.#fill(chunk, frameHeaderBytes)
      if (this.#have < frameHeaderBytes) return
      const size = this.#sizeAt(viewOf(this.#partial), 0)
      this.#grow(size)
      at += this.#fill(chunk.subarray(at), size)
      if (this.#have < size) return
      const whole = this.#partial
      this.#have = 0
      this.#partial = this.#header
      const frame = frameAt(whole, viewOf(whole), 0, size)
      if (size >= bufferStepBytes) this.#lent.set(frame, whole)
      yield frame
    }
    const view = viewOf(chunk)
    while (chunk.length - at >= frameHeaderBytes) {
      const size = this.#sizeAt(view, at)
      if (chunk.length - at < size) break
      yield frameAt(chunk, view, at, at + size)
      at += size
    }
    if (at < chunk.length) this.#keep(chunk.subarray(at))
  }

  /** For who is done with `frame` and all windows on it: its buffer, if it is the splitter's own, is written anew. Optional. */
  giveBack(frame: Frame): void {
    const buffer = this.#lent.get(frame)
    if (buffer === undefined) return
    this.#lent.delete(frame)
    if (this.#spare.length >= spareBuffersMax || this.#spareBytes + buffer.length > spareBytesMax) return
    this.#spareBytes += buffer.length
    this.#spare.push(buffer)
  }

  #keep(rest: Uint8Array): void {
    if (rest.length >= frameHeaderBytes) this.#grow(this.#sizeAt(viewOf(rest), 0))
    this.#partial.set(rest)
    this.#have = rest.length
  }

  /** Copies from `chunk` until `wanted` bytes are held; returns how many were taken. */
  #fill(chunk: Uint8Array, wanted: number): number {
    const take = Math.min(chunk.length, Math.max(0, wanted - this.#have))
    this.#partial.set(chunk.subarray(0, take), this.#have)
    this.#have += take
    return take
  }

  #grow(size: number): void {
    if (this.#partial !== this.#header) return
    const larger = this.#buffer(size)
    larger.set(this.#header.subarray(0, this.#have))
    this.#partial = larger
  }

  #buffer(size: number): Uint8Array {
    const at = size < bufferStepBytes ? -1 : this.#spare.findLastIndex((buffer) => buffer.length >= size)
    const [spare] = at < 0 ? [] : this.#spare.splice(at, 1)
    if (spare === undefined) return new Uint8Array(capacityFor(size))
    this.#spareBytes -= spare.length
    return spare
  }

  #sizeAt(view: DataView, at: number): number {
    const payload = view.getUint32(at + 4)
    if (payload > this.#payloadBytesMax) {
      throw new MillraceError('frame_malformed', {
        reason: `its payload of ${payload} bytes is over the limit of ${this.#payloadBytesMax}`,
      })
    }
    return frameHeaderBytes + payload
  }
}
