import type { Store } from '../store/store.ts'

/** Named records that are kept in the catalog as JSON: what is seen here is durable, and changes come one after another. */
export class RecordsTable<R extends { readonly name: string }> {
  readonly #store: Store
  readonly #prefix: string
  readonly #records = new Map<string, R>()
  #changing: Promise<unknown> = Promise.resolve()

  private constructor(store: Store, prefix: string) {
    this.#store = store
    this.#prefix = prefix
  }

  /** Reads those whose keys begin with `prefix`. */
  static async open<R extends { readonly name: string }>(store: Store, prefix: string): Promise<RecordsTable<R>> {
    const table = new RecordsTable<R>(store, prefix)
    for (const { value } of await store.entries(prefix)) {
      const record = JSON.parse(new TextDecoder().decode(value)) as R
      table.#records.set(record.name, record)
    }
    return table
  }

  get size(): number {
    return this.#records.size
  }

  get(name: string): R | undefined {
    return this.#records.get(name)
  }

  /** All of them, by name. */
  list(): R[] {
    return [...this.#records.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /**
   * Puts what `change` makes of the record in its place; undefined removes it. `change` sees what the changes before it left, and may
   * throw, which leaves everything as it was.
   */
  change<N extends R | undefined>(name: string, change: (record: R | undefined) => N | Promise<N>): Promise<N> {
    const result = this.#changing.then(async () => {
      const record = await change(this.#records.get(name))
      const value = record === undefined ? undefined : new TextEncoder().encode(JSON.stringify(record))
      await this.#store.put([{ key: this.#prefix + name, value }])
      if (record === undefined) this.#records.delete(name)
      else this.#records.set(name, record)
      return record
    })
    // Who asked for the change hears of its failure; the next one begins from what there is.
    this.#changing = result.catch(() => undefined)
    return result
  }
}
