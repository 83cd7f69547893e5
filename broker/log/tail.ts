import { Fifo } from './fifo.ts'

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
  readonly #runs = new Fifo<TailRun>()

  /** The first sequence that is still in memory; undefined when nothing is. */
  get first(): number | undefined {
    return this.#runs.at(0)?.base
  }

  push(run: TailRun): void {
    this.#runs.push(run)
  }

  /** Lets go of the oldest run. */
  drop(): void {
    this.#runs.shift()
  }

  /** The run that holds `sequence`, if it is in memory. */
  find(sequence: number): TailRun | undefined {
    const runs = this.#runs
    const last = runs.at(runs.length - 1)
    // A reader that keeps up asks for the last run: no search for it.
    if (last === undefined || sequence >= last.next) return undefined
    if (sequence >= last.base) return last
    let low = 0
    let high = runs.length - 1
    if (sequence < (runs.at(low) as TailRun).base) return undefined
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((runs.at(middle) as TailRun).base <= sequence) low = middle
      else high = middle - 1
    }
    return runs.at(low)
  }
}

/** What keeping a commit, and each run of it, takes beside its bytes: measured, 64-bit Node 20. */
const commitOverheadBytes = 640
const runOverheadBytes = 210

/** Keeps the last commits in memory, up to a number of bytes all shards together, and lets the oldest go first. */
export class Tail {
  readonly #bytesMax: number
  readonly #commits = new Fifo<{ readonly bytes: number; readonly shards: readonly ShardTail[] }>()
  #bytes = 0

  /** `bytesMax` bounds the memory taken: the commits and what is kept beside them. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** Takes note of a commit of `length` bytes whose runs were pushed onto `shards`, one each. */
  add(length: number, shards: readonly ShardTail[]): void {
    const bytes = length + commitOverheadBytes + shards.length * runOverheadBytes
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
