import { crc32 } from '#crc32'
import { viewOf } from './u64.ts'

/**
 * AWS's event stream encoding (application/vnd.amazon.eventstream): messages of headers and a payload, big-endian.
 *
 *     offset size field
 *          0    4 length           of the whole message
 *          4    4 headers length
 *          8    4 crc32            of the first 8 bytes
 *         12    - headers          u8 length, name, u8 7 (a string), u16 length, value; again and again
 *          -    - payload
 *          -    4 crc32            of all before
 */
export const eventStreamType = 'application/vnd.amazon.eventstream'
const preludeBytes = 12
const sumBytes = 4
const stringHeader = 7
const jsonType = 'application/x-amz-json-1.1'

/** A message around a payload of JSON, given in pieces, which are copied into it. */
function message(head: Uint8Array, ...pieces: readonly Uint8Array[]): Buffer {
  const start = preludeBytes + head.length
  const bytes = Buffer.allocUnsafe(pieces.reduce((sum, piece) => sum + piece.length, start + sumBytes))
  writePrelude(bytes, head)
  let at = start
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  seal(bytes)
  return bytes
}

function headersOf(headers: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(
    headers.flatMap(([name, value]) => {
      const length = Buffer.alloc(3)
      length.writeUInt8(stringHeader)
      length.writeUInt16BE(Buffer.byteLength(value), 1)
      return [Buffer.from([name.length]), Buffer.from(name), length, Buffer.from(value)]
    }),
  )
}

function writePrelude(bytes: Buffer, head: Uint8Array): void {
  const view = viewOf(bytes)
  view.setUint32(0, bytes.length)
  view.setUint32(4, head.length)
  view.setUint32(8, crc32(bytes.subarray(0, 8)))
  bytes.set(head, preludeBytes)
}

function seal(bytes: Buffer): void {
  const end = bytes.length - sumBytes
  viewOf(bytes).setUint32(end, crc32(bytes.subarray(0, end)))
}

/** The message that begins a stream: clients wait for it before they say that the call succeeded. */
export function initialResponse(): Buffer {
  return message(eventHead('initial-response'), Buffer.from('{}'))
}

const payloadChunkHead = eventHead('PayloadChunk', 'application/octet-stream')

/** What an event of SubscribeToShard begins with; its headers are the same every time. */
const shardEventHead = eventHead('SubscribeToShardEvent')

/** Where the payload of a SubscribeToShardEvent begins in its message. */
export const shardEventPayloadAt = preludeBytes + shardEventHead.length

/** A SubscribeToShardEvent around a payload of JSON, given in pieces. */
export function shardEvent(...pieces: readonly Uint8Array[]): Buffer {
  return message(shardEventHead, ...pieces)
}

/** A piece of a function's answer (Lambda's InvokeWithResponseStream). */
export function payloadChunk(bytes: Uint8Array): Buffer {
  return message(payloadChunkHead, bytes)
}

/** The end of a function's answer, and how it ended. */
export function invokeComplete(value: object): Buffer {
  return message(eventHead('InvokeComplete', 'application/json'), Buffer.from(JSON.stringify(value)))
}

/** An exception that ends the stream, one that the client's model knows. */
export function exceptionMessage(code: string, text: string): Buffer {
  const headers = [
    [':exception-type', code],
    [':content-type', jsonType],
    [':message-type', 'exception'],
  ] as const
  return message(headersOf(headers), Buffer.from(JSON.stringify({ message: text })))
}

function eventHead(type: string, contentType = jsonType): Buffer {
  return headersOf([
    [':event-type', type],
    [':content-type', contentType],
    [':message-type', 'event'],
  ])
}
