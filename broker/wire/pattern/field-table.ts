import type { Anchor } from './anchors.ts'
import { IntervalTree } from './interval-tree.ts'
import type { Scalar } from './tree.ts'

type FieldHandle = Anchor['handle']

/** Strings by length and then by themselves, so that the beginnings of a value that are filed are found one length at a time. */
class EdgeTable<B> {
  readonly #lengths = new Map<number, Map<string, B>>()
  readonly #end: boolean

  constructor(end: boolean) {
    this.#end = end
  }

  get(text: string): B | undefined {
    return this.#lengths.get(text.length)?.get(text)
  }

  set(text: string, bucket: B): void {
    let texts = this.#lengths.get(text.length)
    if (texts === undefined) {
      texts = new Map()
      this.#lengths.set(text.length, texts)
    }
    texts.set(text, bucket)
  }

  find(value: string, found: (bucket: B) => void): void {
    for (const [length, texts] of this.#lengths) {
      if (length > value.length) continue
      const bucket = texts.get(this.#end ? value.slice(value.length - length) : value.slice(0, length))
      if (bucket !== undefined) found(bucket)
    }
  }
}

/** What is filed under conditions on one field, found by the field's value. */
export class FieldTable<B> {
  readonly #values = new Map<Scalar, B>()
  readonly #folded = new Map<string, B>()
  /** By side and case: prefix, suffix, and both of text in lower case. */
  readonly #edges = new Map<string, EdgeTable<B>>()
  readonly #intervals = new IntervalTree<B>()

  get(handle: FieldHandle): B | undefined {
    switch (handle.by) {
      case 'value':
        return this.#values.get(handle.value)
      case 'folded':
        return this.#folded.get(handle.text)
      case 'interval':
        return this.#intervals.get(handle.low, handle.high)
      default:
        return this.#edges.get(edgeName(handle))?.get(handle.text)
    }
  }

  getOrMake(handle: FieldHandle, make: () => B): B {
    const there = this.get(handle)
    if (there !== undefined) return there
    const made = make()
    if (handle.by === 'value') this.#values.set(handle.value, made)
    else if (handle.by === 'folded') this.#folded.set(handle.text, made)
    else if (handle.by === 'interval') this.#intervals.set(handle.low, handle.high, made)
    else this.#edge(handle).set(handle.text, made)
    return made
  }

  /** Hands over everything filed under a condition that `value` satisfies, or nearly. */
  find(value: Scalar, found: (bucket: B) => void): void {
    const exact = this.#values.get(value)
    if (exact !== undefined) found(exact)
    if (typeof value === 'number') this.#intervals.find(value, found)
    if (typeof value !== 'string') return
    if (this.#folded.size > 0) {
      const folded = this.#folded.get(value.toLowerCase())
      if (folded !== undefined) found(folded)
    }
    for (const [name, edge] of this.#edges) edge.find(name.endsWith('folded') ? value.toLowerCase() : value, found)
  }

  #edge(handle: Extract<FieldHandle, { by: 'prefix' | 'suffix' }>): EdgeTable<B> {
    const name = edgeName(handle)
    let edge = this.#edges.get(name)
    if (edge === undefined) {
      edge = new EdgeTable(handle.by === 'suffix')
      this.#edges.set(name, edge)
    }
    return edge
  }
}

function edgeName({ by, fold }: { readonly by: string; readonly fold: boolean }): string {
  return fold ? `${by} folded` : by
}
