import type { Store } from '../store/store.ts'
import type { WindowProgress } from '../wire/binding.ts'

const nothingYet: WindowProgress = { next: 0 }

/** How far bindings with tumbling windows are in each shard, with the states of the windows that are open: kept in the catalog as JSON. */
export class BindingWindows {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  async get(binding: string, shard: number): Promise<WindowProgress> {
    const key = keyOf(binding, shard)
    const entry = (await this.#store.entries(key)).find((each) => each.key === key)
    return entry === undefined ? nothingYet : (JSON.parse(new TextDecoder().decode(entry.value)) as WindowProgress)
  }

  /** Durable when it resolves. */
  async put(binding: string, shard: number, progress: WindowProgress): Promise<void> {
    const value = new TextEncoder().encode(JSON.stringify(progress))
    await this.#store.put([{ key: keyOf(binding, shard), value }])
  }

  /** Keeps nothing of a binding any more. */
  async forget(binding: string): Promise<void> {
    const entries = await this.#store.entries(`${prefix}${binding}/`)
    if (entries.length > 0) await this.#store.put(entries.map(({ key }) => ({ key, value: undefined })))
  }
}

const prefix = 'binding-window/'

function keyOf(binding: string, shard: number): string {
  return `${prefix}${binding}/${shard}`
}
