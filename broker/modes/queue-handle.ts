import { crc32 } from '#crc32'
import { readU64, viewOf, writeU64 } from '../wire/u64.ts'

/** What a receiver holds: which message, and which of its receives. */
export interface Handle {
  readonly identity: number
  readonly count: number
}

/** u32 queue, u64 identity, u32 count, u32 CRC. */
const handleBytes = 20

/** A receipt handle, as text: it means something to this queue only, and after a restart too. */
export function packHandle(queue: number, { identity, count }: Handle): string {
  const bytes = Buffer.allocUnsafe(handleBytes)
  const view = viewOf(bytes)
  view.setUint32(0, queue)
  writeU64(view, 4, identity)
  view.setUint32(12, count)
  view.setUint32(16, crc32(bytes.subarray(0, 16)))
  return bytes.toString('base64url')
}

/** Reads what `packHandle` wrote for the same queue; undefined for anything else. */
export function unpackHandle(queue: number, text: string): Handle | undefined {
  if (!/^[A-Za-z0-9_-]{27}$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64url')
  const view = viewOf(bytes)
  if (bytes.length !== handleBytes || view.getUint32(16) !== crc32(bytes.subarray(0, 16))) return undefined
  if (view.getUint32(0) !== queue) return undefined
  return { identity: readU64(view, 4), count: view.getUint32(12) }
}

/** A UUID from a queue's 16 random bytes and a message's identity: each message has its own, and it is nowhere stored. */
export function messageId(seed: Uint8Array, identity: number): string {
  const bytes = Buffer.from(seed)
  const view = viewOf(bytes)
  view.setUint32(12, (view.getUint32(12) ^ identity) >>> 0)
  view.setUint16(10, view.getUint16(10) ^ Math.floor(identity / 2 ** 32))
  view.setUint8(6, (view.getUint8(6) & 0x0f) | 0x40)
  view.setUint8(8, (view.getUint8(8) & 0x3f) | 0x80)
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
