import type { Shard } from './shard.ts'

/** What one read of a cursor brought: whole frames, one behind the other, and the sequence behind them. */
export interface ReadRuns {
  readonly bytes: Uint8Array
  readonly next: number
}

/**
 * What was read from the store last, for consumers that catch up side by side: those that began at the same place ask for the same runs in the
 * same minute, and one read, one copy and one check serve all of them. Kept up to a number of bytes, the one not asked for longest goes first.
 */
export class ReadCache {
  readonly #bytesMax: number
  /** By place; in the order in which they were asked for last. */
  readonly #reads = new Map<string, Promise<ReadRuns>>()
  readonly #sizes = new Map<string, number>()
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** What `read` brings for `shard` from `position` on, about `bytesMax` bytes; who asks meanwhile or soon gets the same. Not to be changed. */
  get(shard: Shard, position: number, bytesMax: number, read: () => Promise<ReadRuns>): Promise<ReadRuns> {
    const place = `${shard.stream} ${shard.number} ${position} ${bytesMax}`
    const known = this.#reads.get(place)
    if (known !== undefined) {
      this.#reads.delete(place)
      this.#reads.set(place, known)
      return known
    }
    const reading = this.#read(place, read)
    this.#reads.set(place, reading)
    return reading
  }

  async #read(place: string, read: () => Promise<ReadRuns>): Promise<ReadRuns> {
    try {
      const runs = await read()
      this.#sizes.set(place, runs.bytes.length)
      this.#bytes += runs.bytes.length
      this.#evict()
      return runs
    } catch (error) {
      // Whoever asks next tries again.
      this.#reads.delete(place)
      throw error
    }
  }

  #evict(): void {
    for (const place of this.#reads.keys()) {
      if (this.#bytes <= this.#bytesMax) return
      const size = this.#sizes.get(place)
      if (size === undefined) continue
      this.#reads.delete(place)
      this.#sizes.delete(place)
      this.#bytes -= size
    }
  }
}
