import { serializationError } from './aws-error.ts'
import { viewOf } from './u64.ts'

/**
 * AWS CBOR 1.1, which the Java SDKs speak to Kinesis: RFC 8949 with the names of JSON, bytes as byte strings, and times as tag 1
 * with MILLISECONDS since 1970, where the RFC has seconds. Lengths may be indefinite (the SDKs' maps and arrays are), of
 * strings too. Written here because no library does both of these at the speed of a data plane, and so that a stranger's
 * bytes can make nothing but plain values.
 */
const depthMax = 64
const decoder = new TextDecoder('utf-8', { fatal: true })

/** Major types, the first three bits of an item. */
const majors = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const
const timeTag = 1
const breakByte = 0xff
/** Additional information that says: until a break. */
const indefinite = 31

/**
 * The value of a request's body: maps are objects, tag 1 is a Date, other tags are what they tag.
 * @throws AwsError SerializationException
 */
export function decodeAwsCbor(bytes: Uint8Array): unknown {
  const reader = new CborReader(bytes)
  const value = reader.value(0)
  if (!reader.done) throw bad('bytes are left over behind its value')
  return value
}

class CborReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = viewOf(bytes)
  }

  get done(): boolean {
    return this.#at === this.#bytes.length
  }

  value(depth: number): unknown {
    if (depth > depthMax) throw bad(`it is nested more than ${depthMax} deep`)
    const head = this.#byte()
    const major = head >> 5
    const info = head & 0x1f
    switch (major) {
      case majors.unsigned:
        return this.#argument(info)
      case majors.negative:
        return -1 - this.#argument(info)
      case majors.bytes:
        return info === indefinite ? Buffer.concat(this.#chunks(majors.bytes)) : this.#slice(this.#argument(info))
      case majors.text:
        return text(info === indefinite ? Buffer.concat(this.#chunks(majors.text)) : this.#slice(this.#argument(info)))
      case majors.array:
        return this.#array(info, depth)
      case majors.map:
        return this.#map(info, depth)
      case majors.tag:
        return this.#tagged(this.#argument(info), depth)
      default:
        return this.#simple(info)
    }
  }

  #array(info: number, depth: number): unknown[] {
    const values: unknown[] = []
    for (let left = this.#count(info); left > 0 && !this.#breaks(info); left--) values.push(this.value(depth + 1))
    return values
  }

  #map(info: number, depth: number): Record<string, unknown> {
    const map: Record<string, unknown> = {}
    for (let left = this.#count(info); left > 0 && !this.#breaks(info); left--) {
      const key = this.value(depth + 1)
      if (typeof key !== 'string') throw bad('a key of a map is not text')
      const value = this.value(depth + 1)
      if (key === '__proto__') continue
      map[key] = value
    }
    return map
  }

  #tagged(tag: number, depth: number): unknown {
    const value = this.value(depth + 1)
    if (tag !== timeTag) return value
    if (typeof value !== 'number') throw bad('a time is not a number')
    return new Date(value)
  }

  #simple(info: number): unknown {
    if (info === 20) return false
    if (info === 21) return true
    if (info === 22 || info === 23) return null
    const at = this.#at
    if (info === 25) return halfFloat(this.#argument(25))
    if (info === 26) {
      this.#slice(4)
      return this.#view.getFloat32(at)
    }
    if (info === 27) {
      this.#slice(8)
      return this.#view.getFloat64(at)
    }
    throw bad(`simple value ${info} is not taken here`)
  }

  /** The pieces of a string of indefinite length, each of which has a length of its own. */
  #chunks(major: number): Uint8Array[] {
    const chunks: Uint8Array[] = []
    while (!this.#breaks(indefinite)) {
      const head = this.#byte()
      if (head >> 5 !== major || (head & 0x1f) === indefinite) throw bad('a piece of a string is no string')
      chunks.push(this.#slice(this.#argument(head & 0x1f)))
    }
    return chunks
  }

  /** How many items follow; each takes a byte at least, so a count beyond the bytes is a lie told to make us allocate. */
  #count(info: number): number {
    if (info === indefinite) return Number.POSITIVE_INFINITY
    const count = this.#argument(info)
    if (count > this.#bytes.length - this.#at) throw bad('it ends inside a list or map')
    return count
  }

  /** Steps over the break that ends what is indefinite, if it is next. */
  #breaks(info: number): boolean {
    if (info !== indefinite || this.#bytes[this.#at] !== breakByte) return false
    this.#at++
    return true
  }

  #argument(info: number): number {
    if (info < 24) return info
    const at = this.#at
    if (info === 24) return this.#byte()
    if (info === 25) {
      this.#slice(2)
      return this.#view.getUint16(at)
    }
    if (info === 26) {
      this.#slice(4)
      return this.#view.getUint32(at)
    }
    if (info === 27) {
      this.#slice(8)
      return Number(this.#view.getBigUint64(at))
    }
    throw bad('an item has no length that is known')
  }

  #byte(): number {
    if (this.#at >= this.#bytes.length) throw bad('it ends inside a value')
    return this.#bytes[this.#at++] as number
  }

  #slice(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#at) throw bad('it ends inside a value')
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }
}

/** An answer's value as CBOR; members that are undefined are left out. */
export function encodeAwsCbor(value: object): Uint8Array {
  const writer = new CborWriter()
  writer.value(value)
  return writer.finish()
}

class CborWriter {
  #bytes = Buffer.allocUnsafe(4096)
  #at = 0

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#at)
  }

  value(value: unknown): void {
    if (typeof value === 'string') this.#text(value)
    else if (typeof value === 'number') this.#number(value)
    else if (typeof value === 'boolean') this.#byte(value ? 0xf5 : 0xf4)
    else if (value === null || value === undefined) this.#byte(0xf6)
    else if (value instanceof Uint8Array) this.#binary(value)
    else if (value instanceof Date) this.#time(value)
    else if (Array.isArray(value)) this.#array(value)
    else this.#map(value as object)
  }

  #array(values: readonly unknown[]): void {
    this.#head(majors.array, values.length)
    for (const each of values) this.value(each)
  }

  #map(map: object): void {
    const entries = Object.entries(map).filter(([, each]) => each !== undefined)
    this.#head(majors.map, entries.length)
    for (const [name, each] of entries) {
      this.#text(name)
      this.value(each)
    }
  }

  #time(time: Date): void {
    this.#head(majors.tag, timeTag)
    this.#number(time.getTime())
  }

  #text(said: string): void {
    const length = Buffer.byteLength(said)
    this.#head(majors.text, length)
    this.#reserve(length)
    this.#at += this.#bytes.write(said, this.#at)
  }

  #binary(bytes: Uint8Array): void {
    this.#head(majors.bytes, bytes.length)
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value)) {
      if (value >= 0) this.#head(majors.unsigned, value)
      else this.#head(majors.negative, -1 - value)
      return
    }
    this.#byte(0xfb)
    this.#reserve(8)
    this.#at = this.#bytes.writeDoubleBE(value, this.#at)
  }

  #head(major: number, argument: number): void {
    this.#reserve(9)
    const type = major << 5
    if (argument < 24) this.#bytes[this.#at++] = type | argument
    else if (argument < 0x100) {
      this.#bytes[this.#at++] = type | 24
      this.#bytes[this.#at++] = argument
    } else if (argument < 0x1_0000) {
      this.#bytes[this.#at++] = type | 25
      this.#at = this.#bytes.writeUInt16BE(argument, this.#at)
    } else if (argument < 0x1_0000_0000) {
      this.#bytes[this.#at++] = type | 26
      this.#at = this.#bytes.writeUInt32BE(argument, this.#at)
    } else {
      this.#bytes[this.#at++] = type | 27
      this.#at = this.#bytes.writeBigUInt64BE(BigInt(argument), this.#at)
    }
  }

  #byte(byte: number): void {
    this.#reserve(1)
    this.#bytes[this.#at++] = byte
  }

  #reserve(more: number): void {
    if (this.#at + more <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + more))
    this.#bytes.copy(larger, 0, 0, this.#at)
    this.#bytes = larger
  }
}

function text(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw serializationError('A text of the CBOR body is not UTF-8.', cause)
  }
}

/** RFC 8949, appendix D. */
function halfFloat(bits: number): number {
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  const sign = bits & 0x8000 ? -1 : 1
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (1024 + fraction) * 2 ** (exponent - 25)
}

function bad(reason: string): Error {
  return serializationError(`The body is not CBOR: ${reason}.`)
}
