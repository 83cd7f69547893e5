/**
 * A run as it lies in memory: all that one shard got in one commit, as the very frame that is stored and delivered.
 * Every consumer is handed this same buffer.
 */
export interface TailRun {
  readonly base: number
  readonly next: number
  readonly time: number
  readonly frame: Uint8Array
}

/** The recent runs of one shard, oldest first, without a hole up to the shard's end. */
export class ShardTail {
  #runs: TailRun[] = []
  #dropped = 0

  /** The first sequence that is still in memory; undefined when nothing is. */
  get first(): number | undefined {
    return this.#runs[this.#dropped]?.base
  }

  push(run: TailRun): void {
    this.#runs.push(run)
  }

  /** Lets go of the oldest run. */
  drop(): void {
    this.#dropped++
    // Shifting an array moves all of it; so do it only when half of it is holes.
    if (this.#dropped < 32 || this.#dropped * 2 < this.#runs.length) {
      this.#runs[this.#dropped - 1] = gone
      return
    }
    this.#runs = this.#runs.slice(this.#dropped)
    this.#dropped = 0
  }

  /** The run that holds `sequence`, if it is in memory. */
  find(sequence: number): TailRun | undefined {
    const runs = this.#runs
    const last = runs.at(-1)
    // A reader that keeps up asks for the last run: no search for it.
    if (last === undefined || sequence >= last.next) return undefined
    if (sequence >= last.base) return last
    let low = this.#dropped
    let high = runs.length - 1
    if (low > high || sequence < (runs[low] as TailRun).base) return undefined
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((runs[middle] as TailRun).base <= sequence) low = middle
      else high = middle - 1
    }
    return runs[low]
  }
}

const gone: TailRun = { base: -1, next: -1, time: 0, frame: new Uint8Array(0) }

/** Keeps the last commits in memory, up to a number of bytes all shards together, and lets the oldest go first. */
export class Tail {
  readonly #bytesMax: number
  readonly #commits: { bytes: number; shards: readonly ShardTail[] }[] = []
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** Takes note of a commit of `bytes` whose runs were pushed onto `shards`, one each. */
  add(bytes: number, shards: readonly ShardTail[]): void {
    this.#commits.push({ bytes, shards })
    this.#bytes += bytes
    while (this.#bytes > this.#bytesMax && this.#commits.length > 1) {
      const oldest = this.#commits.shift()
      if (oldest === undefined) break
      this.#bytes -= oldest.bytes
      for (const shard of oldest.shards) shard.drop()
    }
  }
}
