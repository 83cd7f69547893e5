/** One line of input. */
export interface Line {
  /** Counted from 1. */
  readonly number: number
  /** Without its line end, `\n` or `\r\n`; a window on what was read. */
  readonly bytes: Uint8Array
  /** It was longer than what is taken: `bytes` is its beginning. */
  readonly cut: boolean
}

const lineFeed = 10
const carriageReturn = 13

/**
 * Cuts bytes into lines, whatever they hold. Of a line without an end no more than `lineBytesMax` is ever kept, so that binary
 * input by mistake costs no memory.
 */
export class LineSplitter {
  readonly #lineBytesMax: number
  #number = 1
  #parts: Uint8Array[] = []
  #bytes = 0
  #cut = false

  constructor(lineBytesMax: number) {
    this.#lineBytesMax = lineBytesMax
  }

  /** The lines that end in `chunk`. */
  *push(chunk: Uint8Array): Generator<Line> {
    let start = 0
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      yield this.#line(chunk.subarray(start, end))
      start = end + 1
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start))
  }

  /** The last line, where the input doesn't end with a line end. */
  *end(): Generator<Line> {
    if (this.#bytes > 0) yield this.#line(new Uint8Array(0))
  }

  #line(last: Uint8Array): Line {
    let bytes = last
    if (this.#parts.length > 0) {
      this.#keep(last)
      bytes = Buffer.concat(this.#parts)
    }
    if (!this.#cut && bytes.at(-1) === carriageReturn) bytes = bytes.subarray(0, -1)
    const cut = this.#cut || bytes.length > this.#lineBytesMax
    this.#parts = []
    this.#bytes = 0
    this.#cut = false
    return { number: this.#number++, bytes, cut }
  }

  #keep(part: Uint8Array): void {
    const room = this.#lineBytesMax + 1 - this.#bytes
    if (part.length > room) this.#cut = true
    const kept = part.subarray(0, room)
    if (kept.length > 0) this.#parts.push(kept)
    this.#bytes += kept.length
  }
}
