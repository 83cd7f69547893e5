import { serializationError } from './aws-error.ts'

/**
 * AWS JSON 1.0 and 1.1 (Smithy, "AWS JSON protocol"): bytes are base64 text, times are numbers of seconds since 1970 with a
 * fraction of milliseconds.
 */
const decoder = new TextDecoder('utf-8', { fatal: true })

/** Strings at least this long are left where they lie. */
const longBytesMin = 256
const quote = 0x22
const backslash = 0x5c
const colon = 0x3a
const space = 0x20

/** An answer that is JSON already, because building it as values first would cost more than the answer itself. */
export class EncodedJson {
  readonly bytes: Uint8Array
  /** Called when the bytes were sent, and are not needed any more; never, when they could not be. */
  readonly sent: () => void

  constructor(bytes: Uint8Array, sent: () => void = () => undefined) {
    this.bytes = bytes
    this.sent = sent
  }
}

/** Base64 is decoded in pieces of this many characters: strings so short are made and forgotten without a trace. */
const pieceChars = 32 * 1024

/**
 * A long string of a request, still as the bytes that came. Most of a large request is base64; making one JavaScript string of the whole body
 * takes several times as long as all the rest of the work on it.
 */
export class LongText {
  readonly #bytes: Buffer

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /**
   * @throws AwsError SerializationException when it is not UTF-8
   */
  text(): string {
    return utf8(this.#bytes)
  }

  /** The same for text of which it will be checked that it is ASCII. */
  latin1(): string {
    return this.#bytes.toString('latin1')
  }

  /** The bytes it stands for as base64, put in the place of the text, which is gone then; undefined when it is not base64. */
  base64(): Buffer | undefined {
    const bytes = this.#bytes
    let decoded = 0
    for (let at = 0; at < bytes.length; at += pieceChars) {
      const piece = bytes.toString('latin1', at, at + pieceChars)
      const length = base64Length(piece, at + pieceChars >= bytes.length)
      const written = bytes.write(piece, decoded, 'base64')
      decoded += written
      if (written === length && !piece.includes('-') && !piece.includes('_')) continue
      // Who complains will want to see the text: all before this piece was base64, so it can be had back.
      bytes.write(piece, at, 'latin1')
      bytes.write(bytes.toString('base64', 0, decoded - written), 0, 'latin1')
      return undefined
    }
    return bytes.subarray(0, decoded)
  }
}

/** How many bytes `text` is as base64; only the last piece of a text may end with padding. */
function base64Length(text: string, last: boolean): number {
  const padding = last && text.endsWith('==') ? 2 : last && text.endsWith('=') ? 1 : 0
  return (text.length / 4) * 3 - padding
}

/** The bytes that `text` stands for; undefined when it is not base64. Node's decoder skips what it does not know, which shows in what comes out. */
export function fromBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  const good = bytes.length === base64Length(text, true) && !text.includes('-') && !text.includes('_')
  return good ? bytes : undefined
}

/**
 * The value of a request's body; long strings in it are LongText.
 * @throws AwsError SerializationException
 */
export function decodeAwsJson(bytes: Uint8Array): unknown {
  if (bytes.length < 4 * longBytesMin) return parse(bytes)
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const { rest, texts } = lift(body)
  // A NUL in a string can only come from an escape. Who sends one may mean a mark of ours, so then there are no marks.
  if (texts.length === 0 || rest.includes('\\u0000')) return parse(bytes)
  return restore(parse(marked(body, texts)), body, texts)
}

/** Where the long strings lie: from behind the opening quote to the closing one. */
type Span = readonly [start: number, end: number]

/** Finds the long strings without an escape that are no names of members, and what is left without them. */
function lift(body: Buffer): { rest: Buffer; texts: Span[] } {
  const texts: Span[] = []
  const rest: Buffer[] = []
  let copied = 0
  let slash = body.indexOf(backslash)
  for (let open = body.indexOf(quote); open >= 0; ) {
    let close = body.indexOf(quote, open + 1)
    if (slash >= 0 && slash < open) slash = body.indexOf(backslash, open)
    const escaped = slash >= 0 && slash < close
    if (escaped) close = closingQuote(body, close)
    if (close < 0) break
    if (!escaped && close - open > longBytesMin && !isName(body, close)) {
      texts.push([open + 1, close])
      rest.push(body.subarray(copied, open + 1))
      copied = close
    }
    open = body.indexOf(quote, close + 1)
  }
  rest.push(body.subarray(copied))
  return { rest: Buffer.concat(rest), texts }
}

/** The body with a mark in place of each long string: a NUL and its number. */
function marked(body: Buffer, texts: readonly Span[]): Buffer {
  const pieces: Buffer[] = []
  let copied = 0
  for (const [i, [start, end]] of texts.entries()) {
    pieces.push(body.subarray(copied, start), Buffer.from(`\\u0000${i}`))
    copied = end
  }
  pieces.push(body.subarray(copied))
  return Buffer.concat(pieces)
}

/** Puts LongTexts where the marks are. */
function restore(value: unknown, body: Buffer, texts: readonly Span[]): unknown {
  if (typeof value === 'string') {
    if (value.charCodeAt(0) !== 0) return value
    const [start, end] = texts[Number(value.slice(1))] ?? [0, 0]
    return new LongText(body.subarray(start, end))
  }
  if (typeof value !== 'object' || value === null) return value
  const holder = value as Record<string, unknown>
  for (const name of Object.keys(holder)) {
    const held = holder[name]
    const restored = restore(held, body, texts)
    if (restored === held) continue
    // A plain assignment to "__proto__" would set the prototype instead of the member that JSON.parse made.
    if (name === '__proto__')
      Object.defineProperty(holder, name, { value: restored, enumerable: true, configurable: true })
    else holder[name] = restored
  }
  return value
}

/** The quote that ends a string, at `from` or behind: the first one that no odd number of backslashes stands before. */
function closingQuote(body: Buffer, from: number): number {
  for (let at = from; at >= 0; at = body.indexOf(quote, at + 1)) {
    let slashes = 0
    while (body[at - 1 - slashes] === backslash) slashes++
    if (slashes % 2 === 0) return at
  }
  return -1
}

/** Whether the string that ends at `close` is the name of a member. */
function isName(body: Buffer, close: number): boolean {
  let at = close + 1
  while ((body[at] ?? colon) <= space) at++
  return body[at] === colon
}

function parse(bytes: Uint8Array): unknown {
  const text = utf8(bytes)
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw serializationError('The body is not JSON.', cause)
  }
}

function utf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw serializationError('The body is not UTF-8.', cause)
  }
}

/** An answer's value as JSON; members that are undefined are left out. */
export function encodeAwsJson(value: object): Uint8Array {
  if (value instanceof EncodedJson) return value.bytes
  return Buffer.from(JSON.stringify(value, replacer))
}

/** JSON.stringify has made text of dates and objects of Buffers before it asks: so look at what the holder has. */
function replacer(this: unknown, key: string, value: unknown): unknown {
  if (typeof value !== 'object' && typeof value !== 'string') return value
  const held = (this as Record<string, unknown>)[key]
  if (held instanceof Date) return held.getTime() / 1000
  if (held instanceof Uint8Array) return base64(held)
  return value
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
