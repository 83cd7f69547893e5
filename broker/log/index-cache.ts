import type { Store } from '../store/store.ts'
import { MillraceError } from '../wire/errors.ts'
import { indexIntact } from './segment-index.ts'

/** Keeps the indexes of the sealed segments that were read last, up to a number of bytes. */
export class IndexCache {
  readonly #store: Store
  readonly #bytesMax: number
  readonly #indexes = new Map<number, Promise<Uint8Array>>()
  readonly #sizes = new Map<number, number>()
  #bytes = 0

  constructor(store: Store, bytesMax: number) {
    this.#store = store
    this.#bytesMax = bytesMax
  }

  /**
   * The index of sealed segment `segment`; readers that ask at the same time share one read.
   * @throws store_corrupt when it is not what was written
   */
  get(segment: number): Promise<Uint8Array> {
    const known = this.#indexes.get(segment)
    if (known !== undefined) {
      this.#indexes.delete(segment)
      this.#indexes.set(segment, known)
      return known
    }
    const loading = this.#load(segment)
    this.#indexes.set(segment, loading)
    return loading
  }

  async #load(segment: number): Promise<Uint8Array> {
    try {
      const index = await this.#store.index(segment)
      if (!indexIntact(index)) {
        throw new MillraceError('store_corrupt', { commit: segment, reason: "its segment's index is damaged" })
      }
      this.#sizes.set(segment, index.length)
      this.#bytes += index.length
      this.#evict(segment)
      return index
    } catch (error) {
      this.#indexes.delete(segment)
      throw error
    }
  }

  #evict(keep: number): void {
    for (const segment of this.#indexes.keys()) {
      if (this.#bytes <= this.#bytesMax) return
      const size = this.#sizes.get(segment)
      if (segment === keep || size === undefined) continue
      this.#indexes.delete(segment)
      this.#sizes.delete(segment)
      this.#bytes -= size
    }
  }
}
