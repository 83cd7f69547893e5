import { isUtf8 } from 'node:buffer'

/** Bytes as the UTF-8 of a text message: what is none is replaced, as a WebSocket would be closed for it. */
export function messageText(data: Uint8Array): Uint8Array {
  return isUtf8(data) ? data : Buffer.from(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString())
}
