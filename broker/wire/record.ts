import { blockHeaderBytes, blockRecordsMax, sealBlock } from './block.ts'
import { MillraceError } from './errors.ts'

/**
 * A block's body: records one behind the other, each one MessagePack value:
 *
 *     record  := [ key, data ]  |  [ key, data, headers ]
 *     key     := str, 1 to 1,024 bytes of UTF-8         the partition key
 *     data    := bin                                    opaque to the broker
 *     headers := map of str to str
 *
 * Any MessagePack library reads it. The reader here takes just this grammar and no extension types, so that nothing a
 * producer sends makes a broker or a consumer build code or objects it did not ask for.
 */
export const partitionKeyBytesMax = 1024
/** What the 16-bit lengths of headers carry: pairs, and bytes of a name or value. */
const headersMax = 65_535
const headerBytesMax = 65_535

/** What a producer hands in. */
export interface RecordInput {
  readonly key: string
  readonly data: Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

/** A record as a consumer sees it. */
export interface StoredRecord {
  readonly sequence: number
  readonly key: string
  readonly data: Uint8Array
  readonly headers: Readonly<Record<string, string>>
  /** When the broker appended it, milliseconds since 1970. */
  readonly time: number
}

const encoder = new TextEncoder()
/** Without the flag a byte order mark at the start of a key would be lost, and with it the key. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
/** The most a record takes beyond its key and data: array, str and bin headers. */
const overheadBytesMax = 1 + 5 + 5

/**
 * Packs records into blocks. Blocks are cut one after another from slabs, so that a block is written once, where it
 * will be sent from. A slab is not written again unless `rewind` says that its blocks are gone.
 */
export class BlockWriter {
  readonly #slabBytes: number
  #slab = new Uint8Array(0)
  #view = new DataView(this.#slab.buffer)
  #start = 0
  #at = 0
  /** Bytes of the last block: the next one will be about as large. */
  #lastBytes = 0
  count = 0

  /** `slabBytes` is what is allocated at once: for one block only, about its size. */
  constructor(slabBytes = 64 * 1024) {
    this.#slabBytes = slabBytes
  }

  /** Bytes that are allocated. */
  get capacity(): number {
    return this.#slab.length
  }

  /** Begins anew where the slab begins: for who knows that no block that was cut from it is needed any more. */
  rewind(): void {
    this.#start = 0
    this.#at = 0
    this.count = 0
  }

  /** Bytes of the block so far, header included; 0 while it is empty. */
  get bytes(): number {
    return this.count === 0 ? 0 : this.#at - this.#start
  }

  /** Whether one more record can still be added (the count is the only hard bound; bytes are the caller's policy). */
  get full(): boolean {
    return this.count >= blockRecordsMax
  }

  /**
   * Adds one record; its bytes are copied, so the caller may reuse them.
   * @throws invalid_field when the key or a header is longer than the format has room for; the block stays as it was
   */
  add(key: string, data: Uint8Array, headers?: Readonly<Record<string, string>>): void {
    if (key.length === 0 || key.length > partitionKeyBytesMax) throw badKey()
    const packedHeaders = headers === undefined ? undefined : packHeaders(headers)
    this.#reserve(key.length * 3 + data.length + overheadBytesMax + (packedHeaders?.length ?? 0))
    this.#slab[this.#at++] = packedHeaders === undefined ? 0x92 : 0x93
    this.#addString(key)
    this.#addBinary(data)
    if (packedHeaders !== undefined) {
      this.#slab.set(packedHeaders, this.#at)
      this.#at += packedHeaders.length
    }
    this.count++
  }

  /** Closes the block and returns it; the writer starts the next one. There must be at least one record in it. */
  finish(producerId: number, producerSequence: number): Uint8Array {
    const block = this.#slab.subarray(this.#start, this.#at)
    sealBlock(block, this.count, producerId, producerSequence)
    this.#lastBytes = block.length
    this.#start = this.#at
    this.count = 0
    return block
  }

  #reserve(more: number): void {
    const fresh = this.count === 0
    const used = fresh ? blockHeaderBytes : this.#at - this.#start
    if (fresh) this.#at = this.#start + blockHeaderBytes
    if (this.#start + used + more <= this.#slab.length) return
    const size = Math.max(this.#slabBytes, 2 ** Math.ceil(Math.log2(Math.max(used + more, this.#lastBytes))))
    const slab = new Uint8Array(size)
    if (!fresh) slab.set(this.#slab.subarray(this.#start, this.#at))
    this.#slab = slab
    this.#view = new DataView(slab.buffer)
    this.#start = 0
    this.#at = used
  }

  #addString(text: string): void {
    // Keys are short and mostly ASCII: write them byte by byte, and start over as UTF-8 at the first other character.
    const length = text.length
    const head = this.#at
    const at = head + (length < 32 ? 1 : length < 256 ? 2 : 3)
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i)
      if (code > 127) {
        this.#addUtf8(text)
        return
      }
      this.#slab[at + i] = code
    }
    this.#stringHeader(length)
    this.#at = at + length
  }

  #addUtf8(text: string): void {
    const bytes = encoder.encode(text)
    if (bytes.length > partitionKeyBytesMax) {
      // The record's first byte is written already.
      this.#at--
      throw badKey()
    }
    this.#stringHeader(bytes.length)
    this.#slab.set(bytes, this.#at)
    this.#at += bytes.length
  }

  #stringHeader(length: number): void {
    if (length < 32) this.#slab[this.#at++] = 0xa0 | length
    else if (length < 256) {
      this.#slab[this.#at++] = 0xd9
      this.#slab[this.#at++] = length
    } else {
      this.#slab[this.#at++] = 0xda
      this.#view.setUint16(this.#at, length)
      this.#at += 2
    }
  }

  #addBinary(data: Uint8Array): void {
    const length = data.length
    if (length < 256) {
      this.#slab[this.#at++] = 0xc4
      this.#slab[this.#at++] = length
    } else if (length < 65_536) {
      this.#slab[this.#at++] = 0xc5
      this.#view.setUint16(this.#at, length)
      this.#at += 2
    } else {
      this.#slab[this.#at++] = 0xc6
      this.#view.setUint32(this.#at, length)
      this.#at += 4
    }
    this.#slab.set(data, this.#at)
    this.#at += length
  }
}

function packHeaders(headers: Readonly<Record<string, string>>): Uint8Array {
  const entries = Object.entries(headers)
  if (entries.length > headersMax) throw badHeaders(`must be at most ${headersMax}`)
  const parts: Uint8Array[] = [Uint8Array.of(0xde, entries.length >> 8, entries.length & 0xff)]
  for (const text of entries.flat()) {
    const bytes = encoder.encode(text)
    if (bytes.length > headerBytesMax) throw badHeaders(`must have names and values of at most ${headerBytesMax} bytes`)
    parts.push(Uint8Array.of(0xda, bytes.length >> 8, bytes.length & 0xff), bytes)
  }
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** Reads a body from front to back. Every length is checked before use; what doesn't fit the grammar is an error. */
export class BodyReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at: number
  #keyStart = 0
  #keyEnd = 0
  #dataStart = 0
  #dataEnd = 0
  #headersAt = 0

  /** `block` is a whole block; reading starts behind its header. */
  constructor(block: Uint8Array) {
    this.#bytes = block
    this.#view = new DataView(block.buffer, block.byteOffset, block.byteLength)
    this.#at = blockHeaderBytes
  }

  /**
   * Moves to the next record.
   * @throws block_malformed when the bytes are not a record
   */
  next(): void {
    const kind = this.#byte()
    if (kind !== 0x92 && kind !== 0x93) throw bad('a record is not an array of 2 or 3')
    const keyLength = this.#stringLength()
    this.#keyStart = this.#at
    this.#keyEnd = this.#skip(keyLength)
    const dataLength = this.#binaryLength()
    this.#dataStart = this.#at
    this.#dataEnd = this.#skip(dataLength)
    this.#headersAt = 0
    if (kind === 0x93) {
      this.#headersAt = this.#at
      for (let pairs = this.#mapLength() * 2; pairs > 0; pairs--) this.#skip(this.#stringLength())
    }
  }

  /** Where the next record begins; setting it to where one began goes back there. */
  get position(): number {
    return this.#at
  }

  set position(at: number) {
    this.#at = at
  }

  /** Whether all bytes were read. */
  get done(): boolean {
    return this.#at === this.#bytes.length
  }

  /** Bytes of the current record's key. */
  get keyBytes(): number {
    return this.#keyEnd - this.#keyStart
  }

  /** Bytes of the current record's data. */
  get dataBytes(): number {
    return this.#dataEnd - this.#dataStart
  }

  /** The current record's key. */
  key(): string {
    return textAt(this.#bytes, this.#keyStart, this.#keyEnd)
  }

  /** The current record's data: a window on the block, not a copy. */
  data(): Uint8Array {
    return this.#bytes.subarray(this.#dataStart, this.#dataEnd)
  }

  /** The current record's headers, empty where it has none. */
  headers(): Record<string, string> {
    const headers: Record<string, string> = {}
    if (this.#headersAt === 0) return headers
    const resume = this.#at
    this.#at = this.#headersAt
    for (let pairs = this.#mapLength(); pairs > 0; pairs--) {
      const name = this.#string()
      // A plain assignment of "__proto__" would set the prototype instead of a member.
      Object.defineProperty(headers, name, {
        value: this.#string(),
        enumerable: true,
        writable: true,
        configurable: true,
      })
    }
    this.#at = resume
    return headers
  }

  #string(): string {
    const length = this.#stringLength()
    const start = this.#at
    return textAt(this.#bytes, start, this.#skip(length))
  }

  #byte(): number {
    if (this.#at >= this.#bytes.length) throw bad('it ends inside a record')
    return this.#bytes[this.#at++] as number
  }

  #number(bytes: 1 | 2 | 4): number {
    const at = this.#at
    this.#skip(bytes)
    return bytes === 1 ? this.#view.getUint8(at) : bytes === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at)
  }

  #skip(bytes: number): number {
    if (bytes > this.#bytes.length - this.#at) throw bad('it ends inside a record')
    this.#at += bytes
    return this.#at
  }

  #stringLength(): number {
    const kind = this.#byte()
    if (kind >= 0xa0 && kind < 0xc0) return kind & 0x1f
    if (kind === 0xd9) return this.#number(1)
    if (kind === 0xda) return this.#number(2)
    throw bad('a key or header is not a string of at most 65,535 bytes')
  }

  #binaryLength(): number {
    const kind = this.#byte()
    if (kind === 0xc4) return this.#number(1)
    if (kind === 0xc5) return this.#number(2)
    if (kind === 0xc6) return this.#number(4)
    throw bad('the data of a record is not binary')
  }

  #mapLength(): number {
    const kind = this.#byte()
    if (kind >= 0x80 && kind < 0x90) return kind & 0x0f
    if (kind === 0xde) return this.#number(2)
    throw bad('the headers of a record are not a map')
  }
}

/**
 * Checks that the body of `block` is `count` well-formed records within the limits.
 * @throws block_malformed, record_too_large
 */
export function checkBody(block: Uint8Array, count: number, recordBytesMax: number): void {
  const reader = new BodyReader(block)
  for (let i = 0; i < count; i++) {
    reader.next()
    if (reader.keyBytes === 0 || reader.keyBytes > partitionKeyBytesMax) {
      throw bad(`a partition key of ${reader.keyBytes} bytes (1 to ${partitionKeyBytesMax} are allowed)`)
    }
    const bytes = reader.keyBytes + reader.dataBytes
    if (bytes > recordBytesMax) throw new MillraceError('record_too_large', { bytes, limit: recordBytesMax })
  }
  if (!reader.done) throw bad(`bytes are left over behind its ${count} records`)
}

function textAt(bytes: Uint8Array, start: number, end: number): string {
  // Short ASCII keys are the rule, and a native decode costs more than this loop for them.
  if (end - start > 24) return decoder.decode(bytes.subarray(start, end))
  let text = ''
  for (let i = start; i < end; i++) {
    const code = bytes[i] as number
    if (code > 127) return decoder.decode(bytes.subarray(start, end))
    text += String.fromCharCode(code)
  }
  return text
}

function badKey(): MillraceError {
  return new MillraceError('invalid_field', { field: 'key', reason: `must be 1 to ${partitionKeyBytesMax} bytes long` })
}

function badHeaders(reason: string): MillraceError {
  return new MillraceError('invalid_field', { field: 'headers', reason })
}

function bad(reason: string): MillraceError {
  return new MillraceError('block_malformed', { reason })
}
