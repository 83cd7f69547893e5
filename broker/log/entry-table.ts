import { readU64, writeU64 } from '../wire/u64.ts'

/**
 * Where one shard's runs lie in one segment, in order. A run is all the shard got in one commit: one frame.
 *
 *     offset size field
 *          0    8 base sequence of the run's first record
 *          8    8 append time, the same for the whole run
 *         16    8 number of the commit
 *         24    4 offset of the frame in the commit
 *         28    4 length of the frame
 *
 * The open segment's table grows in memory in this very layout; sealing writes the bytes as they are, and a sealed table is
 * searched where it lies, without being parsed.
 */
export const entryBytes = 32

export interface RunEntry {
  readonly base: number
  readonly time: number
  readonly commit: number
  readonly offset: number
  readonly length: number
}

/** A table over bytes that are complete. */
export class EntryTable {
  protected view: DataView
  #count: number

  constructor(bytes: Uint8Array, count = bytes.length / entryBytes) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#count = count
  }

  get count(): number {
    return this.#count
  }

  protected set count(count: number) {
    this.#count = count
  }

  /** The entry at `place`, which must be below `count`. */
  at(place: number): RunEntry {
    const at = place * entryBytes
    return {
      base: readU64(this.view, at),
      time: readU64(this.view, at + 8),
      commit: readU64(this.view, at + 16),
      offset: this.view.getUint32(at + 24),
      length: this.view.getUint32(at + 28),
    }
  }

  /** The place of the run that holds `sequence`: the last one that begins at it or before; -1 when all begin later. */
  find(sequence: number): number {
    return this.#firstWhere((at) => readU64(this.view, at) > sequence) - 1
  }

  /** The place of the first run appended at `time` or later; `count` when there is none. */
  findTime(time: number): number {
    return this.#firstWhere((at) => readU64(this.view, at + 8) >= time)
  }

  #firstWhere(holds: (at: number) => boolean): number {
    let low = 0
    let high = this.#count
    while (low < high) {
      const middle = (low + high) >> 1
      if (holds(middle * entryBytes)) high = middle
      else low = middle + 1
    }
    return low
  }
}

/** A table that grows. */
export class GrowingEntryTable extends EntryTable {
  #bytes: Uint8Array

  constructor() {
    const bytes = new Uint8Array(0)
    super(bytes)
    this.#bytes = bytes
  }

  add(entry: RunEntry): void {
    const at = this.count * entryBytes
    if (at + entryBytes > this.#bytes.length) this.#grow()
    writeU64(this.view, at, entry.base)
    writeU64(this.view, at + 8, entry.time)
    writeU64(this.view, at + 16, entry.commit)
    this.view.setUint32(at + 24, entry.offset)
    this.view.setUint32(at + 28, entry.length)
    this.count++
  }

  /** The entries so far, not copied. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.count * entryBytes)
  }

  #grow(): void {
    const larger = new Uint8Array(Math.max(4, this.count * 2) * entryBytes)
    larger.set(this.#bytes)
    this.#bytes = larger
    this.view = new DataView(larger.buffer)
  }
}
