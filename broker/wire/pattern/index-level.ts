import type { Anchor, AnchorSet } from './anchors.ts'
import type { EventValues } from './event-values.ts'
import { FieldTable } from './field-table.ts'
import { choosePaths } from './path-choice.ts'
import type { PatternNode } from './tree.ts'

/** A pattern in an index. */
export interface IndexedPattern<T> {
  readonly item: T
  readonly pattern: PatternNode
  readonly anchors: readonly AnchorSet[]
  /** Of the last match that looked at it. */
  stamp: number
  deleted: boolean
}

/** A bucket with more patterns than this is divided by their other conditions. */
const bucketMax = 8

/**
 * One level: patterns filed by one of their conditions, over paths that no level above used. Patterns of one kind are filed by the same
 * path, so that an event is looked up once for all of them.
 */
export class IndexLevel<T> {
  readonly #used: readonly string[]
  readonly #tables = new Map<string, { readonly names: readonly string[]; readonly table: FieldTable<Bucket<T>> }>()
  /** Those without a condition to file them under: every event has to look at them. */
  readonly #others: IndexedPattern<T>[] = []

  /** Files `entries` by the paths that divide them best. */
  constructor(used: readonly string[], entries: readonly IndexedPattern<T>[]) {
    this.#used = used
    for (const { path, names } of choosePaths(entries, used)) this.#tables.set(path, { names, table: new FieldTable() })
    for (const entry of entries) this.add(entry)
  }

  add(entry: IndexedPattern<T>): void {
    const anchors = this.#choose(entry.anchors)
    if (anchors === undefined) this.#others.push(entry)
    else for (const anchor of anchors) this.#bucket(anchor).add(entry)
  }

  visit(values: EventValues, visitor: (entry: IndexedPattern<T>) => void): void {
    for (const entry of this.#others) visitor(entry)
    for (const [path, { names, table }] of this.#tables) {
      for (const value of values.at(path, names)) table.find(value, (bucket) => bucket.visit(values, visitor))
    }
  }

  /** The conditions on the best path there is a table for, else the fewest. */
  #choose(sets: readonly AnchorSet[]): AnchorSet | undefined {
    const usable = sets.filter((set) => !set.some(({ path }) => this.#used.includes(path)))
    for (const path of this.#tables.keys()) {
      const set = usable.find((each) => each.every((anchor) => anchor.path === path))
      if (set !== undefined) return set
    }
    return usable.sort((a, b) => a.length - b.length)[0]
  }

  #bucket({ path, names, handle }: Anchor): Bucket<T> {
    let at = this.#tables.get(path)
    if (at === undefined) {
      at = { names, table: new FieldTable() }
      this.#tables.set(path, at)
    }
    return at.table.getOrMake(handle, () => new Bucket([...this.#used, path]))
  }
}

/** Patterns that share a condition: a list, or when it grows long, a level of its own, made anew whenever it has doubled. */
class Bucket<T> {
  readonly #used: readonly string[]
  readonly #entries: IndexedPattern<T>[] = []
  #level: IndexLevel<T> | undefined
  #levelMax = bucketMax

  constructor(used: readonly string[]) {
    this.#used = used
  }

  add(entry: IndexedPattern<T>): void {
    this.#entries.push(entry)
    if (this.#entries.length > this.#levelMax) {
      this.#level = new IndexLevel(this.#used, this.#entries)
      this.#levelMax = 2 * this.#entries.length
    } else {
      this.#level?.add(entry)
    }
  }

  visit(values: EventValues, visitor: (entry: IndexedPattern<T>) => void): void {
    if (this.#level !== undefined) this.#level.visit(values, visitor)
    else for (const entry of this.#entries) visitor(entry)
  }
}
