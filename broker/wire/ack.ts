import { MillraceError } from './errors.ts'
import { frameHeaderBytes, frameTypes, writeFrameHeader } from './frame.ts'
import { readU64, viewOf, writeU64 } from './u64.ts'

/**
 * The payload of an `ack` frame: 20 bytes for each block that became durable, those of one shard in the order they were sent.
 *
 *     offset size field
 *          0    4 block           which block of this session, counted from 0, modulo 2^32
 *          4    8 base sequence   of its first record
 *         12    8 append time     milliseconds since 1970
 */
export const ackBytes = 20

export interface Ack {
  readonly block: number
  readonly baseSequence: number
  readonly appendTime: number
}

/** One `ack` frame for all of `acks`. */
export function ackFrame(acks: readonly Ack[]): Uint8Array {
  const bytes = new Uint8Array(frameHeaderBytes + acks.length * ackBytes)
  const view = viewOf(bytes)
  writeFrameHeader(view, 0, frameTypes.ack, 0, 0, acks.length * ackBytes)
  let at = frameHeaderBytes
  for (const ack of acks) {
    view.setUint32(at, ack.block)
    writeU64(view, at + 4, ack.baseSequence)
    writeU64(view, at + 12, ack.appendTime)
    at += ackBytes
  }
  return bytes
}

/**
 * The acks in the payload of an `ack` frame.
 * @throws frame_malformed when it ends inside one
 */
export function* acksOf(payload: Uint8Array): Generator<Ack> {
  if (payload.length % ackBytes !== 0) throw new MillraceError('frame_malformed', { reason: 'it ends inside an ack' })
  const view = viewOf(payload)
  for (let at = 0; at < payload.length; at += ackBytes) {
    yield { block: view.getUint32(at), baseSequence: readU64(view, at + 4), appendTime: readU64(view, at + 12) }
  }
}
