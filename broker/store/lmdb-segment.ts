import { join } from 'node:path'
import type { RootDatabase } from 'lmdb'
import { MillraceError } from '../wire/errors.ts'
import { createLmdb, innerCause, type LmdbOptions, openLmdb, removeLmdb } from './lmdb-file.ts'
import type { Piece } from './store.ts'

/** The key of a sealed segment's index: behind every commit's. */
const indexKey = 0xffff_ffff

/** The form of put that takes flags, which lmdb's own types leave out. */
interface Appendable {
  put(key: number, value: Buffer, flags: { append: true }): Promise<boolean>
}

/**
 * One LMDB environment holding a run of commits, keyed by their place in it. It is only ever appended to, and goes as
 * a whole: no range is deleted, so its free list stays as good as empty.
 */
export class LmdbSegment {
  readonly first: number
  readonly #database: RootDatabase<Buffer, number>

  private constructor(first: number, database: RootDatabase<Buffer, number>) {
    this.first = first
    this.#database = database
  }

  /** Opens the segment whose first commit is `first`; `mapBytes` is address space, not disk or memory. */
  static open(directory: string, first: number, mapBytes: number, readOnly: boolean): LmdbSegment {
    const database = openLmdb<number>(join(directory, segmentName(first)), options(mapBytes, readOnly))
    return new LmdbSegment(first, database)
  }

  /** Creates the segment whose first commit will be `first`, durably, and opens it. */
  static async create(directory: string, first: number, mapBytes: number): Promise<LmdbSegment> {
    await createLmdb(join(directory, segmentName(first)), options(mapBytes, false))
    return LmdbSegment.open(directory, first, mapBytes, false)
  }

  /** The number of commits in it: keys have no holes, so the last one tells. */
  count(): number {
    return damageIn(this.first, () => {
      for (const key of this.#database.getKeys({ reverse: true, start: indexKey - 1, limit: 1 })) return key + 1
      // A reverse walk of lmdb's stops above key 0.
      return this.#database.doesExist(0) ? 1 : 0
    })
  }

  /**
   * Makes sure that LMDB counts as many entries as were found: a damaged page can hide those behind it.
   * @throws store_corrupt
   */
  requireEntries(found: number): void {
    const { entryCount } = this.#database.getStats() as { entryCount: number }
    if (entryCount === found) return
    const reason = `${found} of ${entryCount} entries are found in ${segmentName(this.first)}`
    throw new MillraceError('store_corrupt', { commit: this.first + found, reason })
  }

  /** Appends `commit` as number `number`; resolves when it is on disk. */
  async append(number: number, commit: Uint8Array): Promise<void> {
    await this.#put(number - this.first, commit)
  }

  /** Writes the index, after which nothing may follow. */
  async seal(index: Uint8Array): Promise<void> {
    await this.#put(indexKey, index)
  }

  /** Whether commit `number` is there. */
  has(number: number): boolean {
    return this.#database.doesExist(number - this.first)
  }

  /** A copy of the index, or undefined while the segment is open. */
  index(): Uint8Array | undefined {
    const value = damageIn(this.first, () => this.#database.getBinary(indexKey))
    return value === undefined ? undefined : Uint8Array.prototype.slice.call(value)
  }

  /**
   * Copies a piece of a commit to `target` at `at`.
   * @throws store_corrupt
   */
  copy(piece: Piece, target: Uint8Array, at: number): void {
    const value = this.view(piece.commit)
    if (value === undefined || piece.offset + piece.length > value.length) {
      throw new MillraceError('store_corrupt', { commit: piece.commit, reason: 'it is not there' })
    }
    target.set(value.subarray(piece.offset, piece.offset + piece.length), at)
  }

  /**
   * Commit `number` in a buffer that the next read, of any segment, may overwrite.
   * @throws store_corrupt
   */
  view(number: number): Uint8Array | undefined {
    const value = damageIn(number, () => this.#database.getBinaryFast(number - this.first))
    // LMDB lends a buffer that is longer than the value; only the first `length` bytes are the commit.
    return value === undefined ? undefined : new Uint8Array(value.buffer, value.byteOffset, value.length)
  }

  async close(): Promise<void> {
    await this.#database.close()
  }

  async #put(key: number, value: Uint8Array): Promise<void> {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    let stored: boolean
    try {
      stored = await (this.#database as unknown as Appendable).put(key, bytes, { append: true })
    } catch (error) {
      throw await innerCause(error)
    }
    if (!stored) throw new Error(`commit key ${key} of segment ${this.first} is not behind the last one`)
  }
}

function options(mapSize: number, readOnly: boolean): LmdbOptions {
  return { mapSize, segment: true, readOnly }
}

/** What LMDB itself complains of while reading is damage too: to its own pages. */
function damageIn<T>(commit: number, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new MillraceError('store_corrupt', { commit, reason }, cause)
  }
}

/** The file name of the segment that starts at commit `first`; names sort as numbers. */
export function segmentName(first: number): string {
  return `log-${String(first).padStart(16, '0')}.mdb`
}

/** The first commit of the segment in a file of this name, or undefined for other files. */
export function segmentOfName(name: string): number | undefined {
  const match = /^log-(\d{16})\.mdb$/.exec(name)
  return match === null ? undefined : Number(match[1])
}

/** Removes a closed segment's files; the disk space comes back at once. */
export async function removeSegment(directory: string, first: number): Promise<void> {
  await removeLmdb(join(directory, segmentName(first)))
}
