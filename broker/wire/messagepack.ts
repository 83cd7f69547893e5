import { MillraceError } from './errors.ts'
import { viewOf } from './u64.ts'

const depthMax = 32
const valuesMax = 2_000_000

interface Shape {
  /** Bytes of the length that follows the type; 0: none, a length of 1. */
  readonly lengthBytes: 0 | 1 | 2 | 4
  /** Bytes for each of that length. */
  readonly bytes: number
  /** Values for each of that length. */
  readonly values: number
}

const fixed = (bytes: number): Shape => ({ lengthBytes: 0, bytes, values: 0 })
const text = (lengthBytes: 1 | 2 | 4): Shape => ({ lengthBytes, bytes: 1, values: 0 })
const array = (lengthBytes: 2 | 4): Shape => ({ lengthBytes, bytes: 0, values: 1 })
const map = (lengthBytes: 2 | 4): Shape => ({ lengthBytes, bytes: 0, values: 2 })

/** The types from 0xc0 to 0xdf that are taken. */
const wideShapes: Readonly<Record<number, Shape>> = {
  // nil, false, true
  [0xc0]: fixed(0),
  [0xc2]: fixed(0),
  [0xc3]: fixed(0),
  // binary
  [0xc4]: text(1),
  [0xc5]: text(2),
  [0xc6]: text(4),
  // floats, unsigned and signed integers
  [0xca]: fixed(4),
  [0xcb]: fixed(8),
  [0xcc]: fixed(1),
  [0xcd]: fixed(2),
  [0xce]: fixed(4),
  [0xcf]: fixed(8),
  [0xd0]: fixed(1),
  [0xd1]: fixed(2),
  [0xd2]: fixed(4),
  [0xd3]: fixed(8),
  // strings
  [0xd9]: text(1),
  [0xda]: text(2),
  [0xdb]: text(4),
  [0xdc]: array(2),
  [0xdd]: array(4),
  [0xde]: map(2),
  [0xdf]: map(4),
}

/**
 * Checks that `bytes` are one MessagePack value of plain kinds (no extension types), nested at most 32 deep, map keys
 * strings, every length within the bytes. What a stranger sends is walked with this before a general decoder is let near it, so that nothing it says makes the
 * decoder build code, huge arrays or foreign objects.
 * @throws bad_request
 */
export function checkMessagePack(bytes: Uint8Array): void {
  const walk = new Walk(bytes)
  walk.value(0)
  if (walk.at !== bytes.length) throw bad('bytes are left over behind its value')
}

class Walk {
  at = 0
  #values = 0
  readonly #bytes: Uint8Array
  readonly #view: DataView

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = viewOf(bytes)
  }

  value(depth: number): void {
    if (depth > depthMax) throw bad(`it is nested more than ${depthMax} deep`)
    if (++this.#values > valuesMax) throw bad(`it holds more than ${valuesMax} values`)
    const kind = this.#number(1)
    if (kind < 0x80 || kind >= 0xe0) return
    if (kind < 0x90) this.#pairs(kind & 0x0f, depth)
    else if (kind < 0xa0) this.#many(kind & 0x0f, depth)
    else if (kind < 0xc0) this.#skip(kind & 0x1f)
    else this.#wide(kind, depth)
  }

  #wide(kind: number, depth: number): void {
    const shape = wideShapes[kind]
    if (shape === undefined) throw bad(`type 0x${kind.toString(16)} is not taken here`)
    const { lengthBytes, bytes, values } = shape
    const length = lengthBytes === 0 ? 1 : this.#number(lengthBytes)
    this.#skip(length * bytes)
    if (values === 2) this.#pairs(length, depth)
    else this.#many(length * values, depth)
  }

  /** A decoder makes text of keys that are none, which for a map runs what the map holds. */
  #pairs(count: number, depth: number): void {
    for (let i = 0; i < count; i++) {
      const kind = this.#bytes[this.at]
      if (kind !== undefined && !isString(kind)) throw bad('a key of a map is not a string')
      this.value(depth + 1)
      this.value(depth + 1)
    }
  }

  #many(count: number, depth: number): void {
    for (let i = 0; i < count; i++) this.value(depth + 1)
  }

  #number(bytes: 1 | 2 | 4): number {
    const at = this.at
    this.#skip(bytes)
    return bytes === 1 ? this.#view.getUint8(at) : bytes === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at)
  }

  #skip(bytes: number): void {
    if (bytes > this.#bytes.length - this.at) throw bad('it ends inside a value')
    this.at += bytes
  }
}

function isString(kind: number): boolean {
  return (kind >= 0xa0 && kind < 0xc0) || (kind >= 0xd9 && kind <= 0xdb)
}

function bad(reason: string): MillraceError {
  return new MillraceError('bad_request', { reason: `The body is not the MessagePack that is taken here: ${reason}` })
}
