import { readU64, viewOf, writeU64 } from '../wire/u64.ts'

const chunkSize = 4096
const chunkWords = chunkSize / 32

interface Chunk {
  readonly words: Uint32Array
  count: number
}

/** Stands for every chunk in which nothing is missing. */
const full: Chunk = { words: new Uint32Array(chunkWords).fill(0xffffffff), count: chunkSize }

/**
 * A set of sequences that fills up from below: all below its floor, and above it bitmaps of 4,096. A bitmap that is full costs
 * nothing, so what the set takes goes with the sequences that are missing, not with those that are in it.
 */
export class SequenceSet {
  #floor = 0
  #above = 0
  readonly #chunks = new Map<number, Chunk>()

  /** All below it are in the set, and it is not. */
  get floor(): number {
    return this.#floor
  }

  /** How many are in it. */
  get size(): number {
    return this.#floor + this.#above
  }

  has(sequence: number): boolean {
    if (sequence < this.#floor) return true
    const chunk = this.#chunks.get(Math.floor(sequence / chunkSize))
    return chunk !== undefined && bit(chunk, sequence % chunkSize)
  }

  /** Puts a sequence in; false when it was in already. */
  add(sequence: number): boolean {
    if (sequence < this.#floor) return false
    const number = Math.floor(sequence / chunkSize)
    let chunk = this.#chunks.get(number)
    if (chunk === undefined) {
      chunk = { words: new Uint32Array(chunkWords), count: 0 }
      this.#chunks.set(number, chunk)
    }
    const place = sequence % chunkSize
    if (bit(chunk, place)) return false
    const word = place >> 5
    chunk.words[word] = (chunk.words[word] as number) | (1 << (place & 31))
    chunk.count++
    this.#above++
    // Bits of a chunk that lie below the floor are not set; a chunk that would be full but for them is passed by the floor soon.
    if (chunk.count === chunkSize) this.#chunks.set(number, full)
    if (sequence === this.#floor) this.#rise()
    return true
  }

  /** Puts in all below `floor`. */
  raise(floor: number): void {
    if (floor <= this.#floor) return
    const number = Math.floor(floor / chunkSize)
    for (const [each, chunk] of this.#chunks) {
      if (each > number) continue
      const passed = each < number ? chunkSize : floor % chunkSize
      this.#above -= countBits(chunk, passed) - countBits(chunk, Math.max(0, this.#floor - each * chunkSize))
      if (each < number) this.#chunks.delete(each)
    }
    this.#floor = floor
    this.#rise()
  }

  /** The first sequence from `sequence` on that is missing. */
  nextMissing(sequence: number): number {
    let next = Math.max(sequence, this.#floor)
    for (;;) {
      const chunk = this.#chunks.get(Math.floor(next / chunkSize))
      if (chunk === undefined) return next
      const place = next % chunkSize
      const missing = chunk === full ? chunkSize : firstMissing(chunk, place)
      next += missing - place
      if (missing < chunkSize) return next
    }
  }

  /** How many of `first` to `next` (exclusive) are missing; stops counting at `most`. */
  missing(first: number, next: number, most: number): number {
    let count = 0
    for (let each = this.nextMissing(first); each < next && count < most; each = this.nextMissing(each + 1)) count++
    return count
  }

  /** u64 floor, then for each chunk above it u64 number and its bitmap. Chunks that are full have no bitmap. */
  pack(): Uint8Array {
    const chunks = [...this.#chunks]
    const bytes = new Uint8Array(
      8 + chunks.reduce((sum, [, chunk]) => sum + 9 + (chunk === full ? 0 : chunkSize / 8), 0),
    )
    const view = viewOf(bytes)
    writeU64(view, 0, this.#floor)
    let at = 8
    for (const [number, chunk] of chunks) {
      writeU64(view, at, number)
      view.setUint8(at + 8, chunk === full ? 1 : 0)
      at += 9
      if (chunk === full) continue
      for (const word of chunk.words) {
        view.setUint32(at, word)
        at += 4
      }
    }
    return bytes
  }

  /** Reads what `pack` wrote. */
  static unpack(bytes: Uint8Array): SequenceSet {
    const set = new SequenceSet()
    const view = viewOf(bytes)
    set.#floor = readU64(view, 0)
    for (let at = 8; at < bytes.length; ) {
      const number = readU64(view, at)
      const isFull = view.getUint8(at + 8) === 1
      at += 9
      const chunk = isFull ? full : { words: new Uint32Array(chunkWords), count: 0 }
      if (!isFull) {
        for (let word = 0; word < chunkWords; word++, at += 4) chunk.words[word] = view.getUint32(at)
        chunk.count = countBits(chunk, chunkSize)
      }
      set.#chunks.set(number, chunk)
      set.#above += chunk.count - countBits(chunk, Math.max(0, Math.min(chunkSize, set.#floor - number * chunkSize)))
    }
    return set
  }

  /** Moves the floor up over what is in the set. */
  #rise(): void {
    for (;;) {
      const number = Math.floor(this.#floor / chunkSize)
      const chunk = this.#chunks.get(number)
      if (chunk === undefined) return
      const place = this.#floor % chunkSize
      const missing = firstMissing(chunk, place)
      this.#above -= missing - place
      this.#floor += missing - place
      if (missing < chunkSize) return
      this.#chunks.delete(number)
    }
  }
}

/** The first place from `place` on whose bit is not set; `chunkSize` when all are. */
function firstMissing(chunk: Chunk, place: number): number {
  let each = place
  while (each < chunkSize) {
    const left = ~((chunk.words[each >> 5] as number) >>> (each & 31))
    // The lowest set bit of what is missing; bits shifted in from above the word count as missing and lead to the next word.
    const step = left === 0 ? 32 : 31 - Math.clz32(left & -left)
    const inWord = 32 - (each & 31)
    if (step < inWord) return each + step
    each += inWord
  }
  return chunkSize
}

function bit(chunk: Chunk, place: number): boolean {
  return (((chunk.words[place >> 5] as number) >>> (place & 31)) & 1) === 1
}

/** How many of the first `places` bits are set. */
function countBits(chunk: Chunk, places: number): number {
  let count = 0
  for (let word = 0; word * 32 < places; word++) {
    const left = places - word * 32
    let bits = chunk.words[word] as number
    if (left < 32) bits &= (1 << left) - 1
    for (; bits !== 0; bits &= bits - 1) count++
  }
  return count
}
