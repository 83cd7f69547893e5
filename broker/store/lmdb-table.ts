import { join } from 'node:path'
import { open, type RootDatabase } from 'lmdb'
import type { TableChange, TableEntry } from './store.ts'

/** The small environment beside the log: named resources and snapshots. What is in it is overwritten, so it stays small. */
export class LmdbTable {
  readonly #database: RootDatabase<Buffer, string>

  constructor(directory: string, mapBytes: number) {
    this.#database = open<Buffer, string>({
      path: join(directory, 'catalog.mdb'),
      noSubdir: true,
      encoding: 'binary',
      mapSize: mapBytes,
      overlappingSync: false,
      eventTurnBatching: false,
      cache: false,
    })
  }

  /** Applies all of `changes` in one transaction; resolves when it is on disk. */
  async put(changes: readonly TableChange[]): Promise<void> {
    await this.#database.transaction(() => {
      for (const { key, value } of changes) {
        if (value === undefined) void this.#database.remove(key)
        else void this.#database.put(key, Buffer.from(value.buffer, value.byteOffset, value.byteLength))
      }
    })
  }

  entries(prefix: string): TableEntry[] {
    const found: TableEntry[] = []
    for (const { key, value } of this.#database.getRange({ start: prefix })) {
      if (!key.startsWith(prefix)) break
      found.push({ key, value: Uint8Array.prototype.slice.call(value) })
    }
    return found
  }

  async close(): Promise<void> {
    await this.#database.close()
  }
}
