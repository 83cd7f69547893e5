import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import { Packr } from 'msgpackr'
import { plain } from '../api/plain.ts'
import { MillraceError } from '../wire/errors.ts'
import { checkMessagePack } from '../wire/messagepack.ts'

const messagePack = 'application/msgpack'
const packr = new Packr({ useRecords: false })

/**
 * Reads a body to its end.
 * @throws body_too_large as soon as it is; cancelled when the client went away
 */
export async function readBody(source: Readable, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of source) {
      bytes += (chunk as Uint8Array).length
      if (bytes > bytesMax) break
      chunks.push(chunk as Uint8Array)
    }
  } catch (cause) {
    throw new MillraceError('cancelled', { what: 'The request' }, cause)
  }
  if (bytes > bytesMax) throw new MillraceError('body_too_large', { limit: bytesMax })
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks)
}

/**
 * The value of a request's body, by its content type: MessagePack, or JSON for everything else, as curl sends it.
 * @throws bad_request
 */
export function decodeBody(headers: IncomingHttpHeaders, bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined
  if (headers['content-type']?.startsWith(messagePack)) {
    checkMessagePack(bytes)
    return packr.unpack(bytes)
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new MillraceError('bad_request', { reason: `The body is not JSON (${reason}).` }, cause)
  }
}

/** An answer's value in the encoding the request accepts. */
export function encodeBody(headers: IncomingHttpHeaders, value: unknown): { type: string; bytes: Uint8Array } {
  if (headers.accept?.includes(messagePack)) {
    return { type: messagePack, bytes: packr.pack(plain(value, (data) => data)) }
  }
  const base64 = (data: Uint8Array) => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')
  return { type: 'application/json', bytes: Buffer.from(`${JSON.stringify(plain(value, base64))}\n`) }
}
