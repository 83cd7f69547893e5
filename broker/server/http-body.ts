import type { IncomingHttpHeaders } from 'node:http'
import { Packr } from 'msgpackr'
import { plain } from '../api/plain.ts'
import { PlainText } from '../api/plain-text.ts'
import type { Broker } from '../broker.ts'
import type { Budget } from '../budget.ts'
import type { Clock } from '../clock.ts'
import type { Limits } from '../limits.ts'
import { MillraceError } from '../wire/errors.ts'
import { checkMessagePack } from '../wire/messagepack.ts'
import type { Request } from './http-exchange.ts'

const messagePack = 'application/msgpack'
const packr = new Packr({ useRecords: false })

/** A body that was read; `release` says that its bytes are not needed any more. */
export interface Body {
  readonly bytes: Uint8Array
  release(): void
}

/** Reads the bodies of requests, within the bounds of size, time, and what all of them together hold. */
export class Bodies {
  readonly #clock: Clock
  readonly #limits: Limits
  readonly #unfinished: Budget

  constructor({ wall, limits, unfinished }: Broker) {
    this.#clock = wall
    this.#limits = limits
    this.#unfinished = unfinished
  }

  /**
   * Reads a body of at most `limit` bytes to its end, calling `wanted` before. With `roomBytes` that much is allocated at once: for a
   * length that was said, and counted before.
   * @throws body_too_large as soon as it is, throttled when all bodies together are, too_slow when it does not come, cancelled
   *   when the client went away before it was whole
   */
  async read(
    request: Request,
    wanted: () => void,
    roomBytes = 0,
    limit: number = this.#limits.bodyBytesMax,
  ): Promise<Body> {
    if (Number(request.headers['content-length'] ?? 0) > limit) throw new MillraceError('body_too_large', { limit })
    wanted()
    const room = Buffer.allocUnsafeSlow(roomBytes)
    const most = roomBytes > 0 ? roomBytes : limit
    const chunks: Uint8Array[] = []
    let bytes = 0
    const release = () => {
      this.#unfinished.give(bytes)
      bytes = 0
    }
    try {
      await this.#receive(request, (chunk) => {
        if (bytes + chunk.length > most) throw new MillraceError('body_too_large', { limit: most })
        this.#unfinished.take(chunk.length)
        if (roomBytes === 0) chunks.push(chunk)
        else room.set(chunk, bytes)
        bytes += chunk.length
      })
    } catch (error) {
      release()
      throw error
    }
    if (roomBytes > 0) return { bytes: room.subarray(0, bytes), release }
    return { bytes: chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks), release }
  }

  /** Hands `take` what comes until the end; when it throws, that is the end. */
  async #receive(request: Request, take: (chunk: Uint8Array) => void): Promise<void> {
    const millis = this.#limits.bodyMillisMax
    let over = false
    let end: (error?: MillraceError) => void = () => undefined
    const received = new Promise<void>((resolve, reject) => {
      end = (error) => {
        over = true
        if (error === undefined) resolve()
        else reject(error)
      }
    })
    const data = (chunk: Uint8Array) => {
      try {
        take(chunk)
      } catch (error) {
        end(MillraceError.wrap(error))
      }
    }
    // Over HTTP/2, what was cut off ends like what is whole: only `aborted` tells them apart.
    const whole = () => end(request.aborted ? cancelled() : undefined)
    // A request closes behind its end, too; an error is dear to make for nobody.
    const broken = (cause?: unknown) => {
      if (!over) end(cancelled(cause))
    }
    const timer = this.#clock.after(millis, () => end(new MillraceError('too_slow', { millis })))
    request.on('data', data).on('end', whole).on('aborted', broken).on('error', broken).on('close', broken)
    try {
      if (request.destroyed) broken()
      await received
    } finally {
      timer.cancel()
      request.off('data', data).off('end', whole).off('aborted', broken).off('error', broken).off('close', broken)
    }
  }
}

function cancelled(cause?: unknown): MillraceError {
  return new MillraceError('cancelled', { what: 'The request' }, cause)
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
  checkDepth(bytes)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new MillraceError('bad_request', { reason: `The body is not JSON (${reason}).` }, cause)
  }
}

/** How deep JSON may be nested. A parser keeps some 50 bytes for every level, which for 16 MiB of `[` is most of a gigabyte. */
const depthMax = 1_000
/** Smaller bodies cannot nest deep enough to matter. */
const depthBytesMin = 16 * 1024

const quote = 0x22
const backslash = 0x5c

function checkDepth(bytes: Uint8Array): void {
  if (bytes.length < depthBytesMin) return
  let depth = 0
  let inText = false
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number
    if (inText) {
      if (byte === backslash) i++
      else if (byte === quote) inText = false
    } else if (byte === quote) inText = true
    // The brackets are 0x5b and 0x5d, the braces 0x7b and 0x7d: one bit apart.
    else if ((byte & 0xdf) === 0x5b) depth++
    else if ((byte & 0xdf) === 0x5d) depth--
    if (depth > depthMax) {
      throw new MillraceError('bad_request', { reason: `The body is nested more than ${depthMax} deep.` })
    }
  }
}

/** An answer's value in the encoding the request accepts. */
export function encodeBody(headers: IncomingHttpHeaders, value: unknown): { type: string; bytes: Uint8Array } {
  if (value instanceof PlainText) return { type: value.type, bytes: Buffer.from(value.text) }
  if (headers.accept?.includes(messagePack)) {
    return { type: messagePack, bytes: packr.pack(plain(value, (data) => data)) }
  }
  const base64 = (data: Uint8Array) => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')
  return { type: 'application/json', bytes: Buffer.from(`${JSON.stringify(plain(value, base64))}\n`) }
}
