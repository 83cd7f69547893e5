import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { RootDatabase } from 'lmdb'
import { createLmdb, innerCause, openLmdb } from './lmdb-file.ts'
import type { TableChange, TableEntry } from './store.ts'

/** The small environment beside the log: named resources and snapshots. What is in it is overwritten, so it stays small. */
export class LmdbTable {
  readonly #database: RootDatabase<Buffer, string>

  private constructor(database: RootDatabase<Buffer, string>) {
    this.#database = database
  }

  /** Opens the table in `directory`, creating it if need be; `mapSize` is address space. */
  static async open(directory: string, mapSize: number): Promise<LmdbTable> {
    const path = join(directory, 'catalog.mdb')
    const there = await access(path).then(
      () => true,
      () => false,
    )
    const options = { mapSize, segment: false }
    if (!there) await createLmdb(path, options)
    return new LmdbTable(openLmdb<string>(path, options))
  }

  /** Applies all of `changes` in one transaction; resolves when it is on disk. */
  async put(changes: readonly TableChange[]): Promise<void> {
    try {
      await this.#database.transaction(() => {
        for (const { key, value } of changes) {
          if (value === undefined) this.#database.removeSync(key)
          else this.#database.putSync(key, Buffer.from(value.buffer, value.byteOffset, value.byteLength))
        }
      })
    } catch (error) {
      throw await innerCause(error)
    }
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
