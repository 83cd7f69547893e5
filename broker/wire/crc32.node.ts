import { crc32 as native } from 'node:zlib'
import { crc32 as plain } from './crc32.ts'

/** Below this many bytes the JavaScript tables beat the cost of calling into zlib; `npm run bench -- micro` shows where. */
const nativeBytesMin = 256

/** CRC-32 of `bytes`, as an unsigned 32-bit integer. */
export function crc32(bytes: Uint8Array): number {
  return bytes.length < nativeBytesMin ? plain(bytes) : native(bytes)
}
