import type { Pattern } from '../pattern.ts'
import { anchorsOf } from './anchors.ts'
import { EventValues } from './event-values.ts'
import { type IndexedPattern, IndexLevel } from './index-level.ts'
import { isMatching } from './match.ts'

/** The index is built anew when it holds this many times the patterns it was built of, counting those that were deleted since. */
const growthMax = 2
/** Below this size it is not worth it. */
const sizeMin = 64

/**
 * Many patterns, and for each event quickly those that match: each is filed under conditions that few others have, so that an event
 * meets only patterns that are likely to match it. What is found this way is then matched in full.
 */
export class PatternIndex<T> {
  readonly #entries = new Map<T, IndexedPattern<T>>()
  #root = new IndexLevel<T>([], [])
  /** How many it was built of, and how many were filed. */
  #built = 0
  #filed = 0
  #stamp = 0

  get size(): number {
    return this.#entries.size
  }

  /** Files `item` under `pattern`, instead of under its former one if it had any. */
  set(item: T, pattern: Pattern): void {
    this.delete(item)
    const entry = { item, pattern: pattern.root, anchors: anchorsOf(pattern.root), stamp: 0, deleted: false }
    this.#entries.set(item, entry)
    this.#root.add(entry)
    this.#filed++
    if (this.#filed > Math.max(sizeMin, this.#built * growthMax)) this.#build()
  }

  delete(item: T): void {
    const entry = this.#entries.get(item)
    if (entry === undefined) return
    entry.deleted = true
    this.#entries.delete(item)
    if (this.#filed > Math.max(sizeMin, this.#entries.size * growthMax)) this.#build()
  }

  /** The items whose pattern matches `event`, a JSON value, in no particular order. */
  match(event: unknown): T[] {
    const values = new EventValues(event)
    const matching: T[] = []
    const stamp = ++this.#stamp
    this.#root.visit(values, (entry) => {
      // One that is filed in several places is looked at once.
      if (entry.deleted || entry.stamp === stamp) return
      entry.stamp = stamp
      if (isMatching(entry.pattern, values.event)) matching.push(entry.item)
    })
    return matching
  }

  #build(): void {
    this.#root = new IndexLevel([], [...this.#entries.values()])
    this.#built = this.#entries.size
    this.#filed = this.#built
  }
}
