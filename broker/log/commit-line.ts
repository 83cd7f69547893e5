import type { MillraceError } from '../wire/errors.ts'
import type { PendingBlock, Shard } from './shard.ts'

/** A journal entry of a mode. */
export interface Entry {
  readonly owner: number
  readonly entry: Uint8Array
}

/** A journal entry that waits for its commit. */
export interface PendingJournal extends Entry {
  readonly resolve: () => void
  readonly reject: (error: MillraceError) => void
  /** Its place in line, as that of a block. */
  place?: number
}

/** What goes into one commit. */
export interface Taken {
  /** In order of stream; of each, the first `committing` of its pending blocks. */
  readonly shards: Shard[]
  readonly journals: PendingJournal[]
}

/**
 * What waits for a commit, in the order it came. A place in line is the number of bytes that had arrived with it, so that
 * the line can be cut where a commit is full. What joined together has one place and is never cut apart.
 */
export class CommitLine {
  readonly #bytesMax: number
  #dirty: Shard[] = []
  #journals: PendingJournal[] = []
  /** Bytes that ever joined. */
  #end = 0
  /** Where the next commit begins. */
  #taken = 0

  /** `bytesMax`: what one commit takes, unless a single place has more. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get empty(): boolean {
    return this.#dirty.length === 0 && this.#journals.length === 0
  }

  /** Opens a place for `bytes`: what is added next, until the next call, stands there. */
  join(bytes: number): void {
    this.#end += bytes
  }

  block(shard: Shard, pending: PendingBlock): void {
    if (shard.pending.length === shard.committing) this.#dirty.push(shard)
    pending.place = this.#end
    shard.pending.push(pending)
  }

  journal(pending: PendingJournal): void {
    pending.place = this.#end
    this.#journals.push(pending)
  }

  /** Takes what the next commit holds: all that waits, or when that is too much, the front of the line. */
  take(): Taken {
    const dirty = this.#dirty
    const all = this.#end - this.#taken <= this.#bytesMax
    const end = all ? this.#end : this.#cut()
    this.#taken = end
    this.#dirty = []
    const shards: Shard[] = []
    for (const shard of dirty) {
      shard.committing = all ? shard.pending.length : countUntil(shard.pending, end)
      if (shard.committing > 0) shards.push(shard)
      if (shard.committing < shard.pending.length) this.#dirty.push(shard)
    }
    if (shards.length > 1) shards.sort((a, b) => a.stream - b.stream || a.number - b.number)
    return { shards, journals: this.#journals.splice(0, all ? this.#journals.length : countUntil(this.#journals, end)) }
  }

  /** Empties the line, after a failure; the blocks that waited are still their shards' to clear. */
  clear(): Taken {
    const taken = { shards: this.#dirty, journals: this.#journals }
    this.#dirty = []
    this.#journals = []
    this.#taken = this.#end
    return taken
  }

  /** Where the next commit ends: at the last place it has room for, and at least behind the first one. */
  #cut(): number {
    const room = this.#taken + this.#bytesMax
    let first = Number.POSITIVE_INFINITY
    let last = 0
    for (const waiting of [this.#journals, ...this.#dirty.map((shard) => shard.pending)]) {
      first = Math.min(first, waiting[0]?.place ?? first)
      last = Math.max(last, waiting[countUntil(waiting, room) - 1]?.place ?? 0)
    }
    return Math.max(first, last)
  }
}

/** How many of what waits, in order of place, stand at `end` or before it. */
function countUntil(waiting: readonly { readonly place?: number }[], end: number): number {
  let low = 0
  let high = waiting.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((waiting[middle]?.place ?? 0) <= end) low = middle + 1
    else high = middle
  }
  return low
}
