import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { RootDatabase } from 'lmdb'
import { MillraceError } from '../wire/errors.ts'
import { createLmdb, innerCause, openLmdb } from './lmdb-file.ts'
import type { TableChange, TableEntry } from './store.ts'

/** The small environment beside the log: named resources and snapshots. What is in it is overwritten, so it stays small. */
export class LmdbTable {
  readonly #database: RootDatabase<Buffer, string>

  private constructor(database: RootDatabase<Buffer, string>) {
    this.#database = database
  }

  /**
   * Opens the table in `directory`, creating it if need be, and reads it once, all of it; `mapSize` is address space.
   * @throws store_corrupt when any of it is damaged
   */
  static async open(directory: string, mapSize: number): Promise<LmdbTable> {
    const path = join(directory, 'catalog.mdb')
    const there = await access(path).then(
      () => true,
      () => false,
    )
    const options = { mapSize, segment: false }
    if (!there) await createLmdb(path, options)
    const table = new LmdbTable(openLmdb<string>(path, options))
    try {
      table.#verify()
    } catch (error) {
      await table.close()
      throw error
    }
    return table
  }

  /** A damaged page can hide entries or show some twice. */
  #verify(): void {
    let found = 0
    let before: string | undefined
    for (const key of this.#checkedKeys()) {
      if (before !== undefined && before >= key) throw damaged(`its entries are not in order at ${key}`)
      before = key
      found++
    }
    const { entryCount } = this.#database.getStats() as { entryCount: number }
    if (found !== entryCount) throw damaged(`${found} of ${entryCount} entries are found`)
  }

  /** All keys, one after another, since there may be many; their values are looked at, and not kept. */
  *#checkedKeys(): Iterable<string> {
    try {
      for (const { key, value } of this.#database.getRange({})) {
        requireUnharmed(key, value)
        yield key
      }
    } catch (error) {
      // What LMDB itself complains of while reading is damage too: to its own pages.
      throw error instanceof MillraceError ? error : damaged(String(error), error)
    }
  }

  /** Applies all of `changes` in one transaction; resolves when it is on disk. */
  async put(changes: readonly TableChange[]): Promise<void> {
    try {
      await this.#database.transaction(() => {
        for (const { key, value } of changes) {
          if (value === undefined) this.#database.removeSync(key)
          else this.#database.putSync(key, summed(key, value))
        }
      })
    } catch (error) {
      throw await innerCause(error)
    }
  }

  /** @throws store_corrupt when it is damaged */
  value(key: string): Uint8Array | undefined {
    let stored: Buffer | undefined
    try {
      stored = this.#database.get(key)
    } catch (error) {
      throw damaged(String(error), error)
    }
    return stored === undefined ? undefined : checked(key, stored)
  }

  /** @throws store_corrupt when one of them is damaged */
  entries(prefix: string): TableEntry[] {
    const found: TableEntry[] = []
    try {
      for (const { key, value } of this.#database.getRange({ start: prefix })) {
        if (!key.startsWith(prefix)) break
        found.push({ key, value: checked(key, value) })
      }
    } catch (error) {
      // What LMDB itself complains of while reading is damage too: to its own pages.
      throw error instanceof MillraceError ? error : damaged(String(error), error)
    }
    return found
  }

  async close(): Promise<void> {
    await this.#database.close()
  }
}

/** What is stored of an entry: u32 CRC-32 of key and value, then the value. */
const crcBytes = 4

function summed(key: string, value: Uint8Array): Buffer {
  const stored = Buffer.allocUnsafeSlow(crcBytes + value.length)
  stored.set(value, crcBytes)
  stored.writeUInt32BE(crcOf(key, stored))
  return stored
}

/** A copy of the value that `summed` stored. */
function checked(key: string, stored: Buffer): Uint8Array {
  requireUnharmed(key, stored)
  return Uint8Array.prototype.slice.call(stored, crcBytes)
}

function requireUnharmed(key: string, stored: Buffer): void {
  if (stored.length < crcBytes || stored.readUInt32BE() !== crcOf(key, stored)) {
    throw damaged(`entry ${key} is not as it was written`)
  }
}

function crcOf(key: string, stored: Buffer): number {
  return crc32(stored.subarray(crcBytes), crc32(key))
}

function damaged(reason: string, cause?: unknown): MillraceError {
  return new MillraceError('store_corrupt', { commit: 'none', reason: `catalog.mdb: ${reason}` }, cause)
}
