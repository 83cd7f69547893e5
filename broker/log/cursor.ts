import type { Piece, Store } from '../store/store.ts'
import { MillraceError } from '../wire/errors.ts'
import { frameTypes, storedFrame } from '../wire/frame.ts'
import { readU64, viewOf } from '../wire/u64.ts'
import type { EntryTable } from './entry-table.ts'
import type { ReadCache, ReadRuns } from './read-cache.ts'
import { tableIn } from './segment-index.ts'
import type { SealedPlace, Shard } from './shard.ts'

/** Where a run lies, and the sequence of its first record. */
type RunPiece = Piece & { readonly base: number }

/** Reads a segment's index, through a bounded cache. */
export type IndexReader = (segment: number) => Promise<Uint8Array>

/**
 * A position in one shard, and the ways to move on from it. It holds no records: what it hands out comes from the tail
 * that all share, or fresh from the store.
 */
export class Cursor {
  readonly shard: Shard
  /** The sequence to read next. */
  position: number
  readonly #store: Store
  readonly #index: IndexReader

  constructor(shard: Shard, position: number, store: Store, index: IndexReader) {
    this.shard = shard
    this.position = position
    this.#store = store
    this.#index = index
  }

  /** Whether all that is durable was read. */
  get atEnd(): boolean {
    return this.position >= this.shard.next
  }

  /** Whether the shard was closed and all of it was read. */
  get finished(): boolean {
    return !this.shard.open && this.atEnd
  }

  /** The next frame if it is in memory, moving on behind it. LIVE reading is this and nothing else. */
  live(): Uint8Array | undefined {
    const run = this.shard.tail.find(this.position)
    if (run === undefined) return undefined
    this.position = run.next
    return run.frame
  }

  /**
   * Reads the next frames from the store, about `bytesMax` of them, one behind the other, moving on behind them. CATCHING UP.
   * A position that retention overtook moves to the oldest record kept. Undefined at the end. With `reads` the bytes may be those that
   * others are handed too: they are not to be changed.
   * @throws store_corrupt; the position stays
   */
  async read(bytesMax: number, reads?: ReadCache): Promise<Uint8Array | undefined> {
    for (;;) {
      this.position = Math.max(this.position, this.shard.first)
      if (this.atEnd) return undefined
      const from = this.position
      try {
        const read = () => this.#runs(bytesMax)
        const { bytes, next } = await (reads?.get(this.shard, from, bytesMax, read) ?? read())
        if (this.position === from) this.position = next
        return bytes
      } catch (error) {
        // Retention may take a segment away while it is being read; then reading goes on at the oldest record kept.
        if (this.shard.first <= from) throw error
      }
    }
  }

  async #runs(bytesMax: number): Promise<ReadRuns> {
    const { pieces, next } = await this.#plan(bytesMax)
    const bytes = await this.#store.read(pieces)
    checkRuns(bytes, pieces, this.shard)
    return { bytes, next }
  }

  /** Chooses the pieces to read next, all from one segment. */
  async #plan(bytesMax: number): Promise<{ pieces: RunPiece[]; next: number }> {
    const place = this.#sealedPlace()
    if (place === undefined) return this.#pieces(this.shard.entries, bytesMax, this.shard.next)
    const index = await this.#index(place.segment)
    return this.#pieces(tableIn(index, this.shard.stream, this.shard.number), bytesMax, place.next)
  }

  #sealedPlace(): SealedPlace | undefined {
    const sealed = this.shard.sealed
    let low = 0
    let high = sealed.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sealed[middle] as SealedPlace).next <= this.position) low = middle + 1
      else high = middle
    }
    return sealed[low]
  }

  #pieces(table: EntryTable, bytesMax: number, end: number): { pieces: RunPiece[]; next: number } {
    const pieces: RunPiece[] = []
    let bytes = 0
    let place = Math.max(0, table.find(this.position))
    for (; place < table.count && (bytes === 0 || bytes < bytesMax); place++) {
      const { base, commit, offset, length } = table.at(place)
      if (bytes > 0 && bytes + length > bytesMax) break
      pieces.push({ commit, offset, length, base })
      bytes += length
    }
    if (pieces.length === 0) {
      const reason = `no run holds sequence ${this.position} of shard ${this.shard.number}`
      throw new MillraceError('store_corrupt', { commit: 'unknown', reason })
    }
    return { pieces, next: place < table.count ? table.at(place).base : end }
  }
}

/** Makes sure that what came from the disk is what was written for this shard there: damaged bytes are never delivered. */
function checkRuns(bytes: Uint8Array, pieces: readonly RunPiece[], shard: Shard): void {
  let at = 0
  for (const { commit, length, base } of pieces) {
    const frame = storedFrame(bytes.subarray(at, at + length))
    if (frame === undefined) throw new MillraceError('store_corrupt', { commit, reason: 'its checksum does not match' })
    const ours = frame.type === frameTypes.blocks && frame.stream === shard.stream && frame.shard === shard.number
    if (!ours || readU64(viewOf(frame.payload), 8) !== base) {
      throw new MillraceError('store_corrupt', { commit, reason: `it is not shard ${shard.number} from ${base} on` })
    }
    at += length
  }
}
