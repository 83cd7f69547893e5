import { readdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { limits } from '../limits.ts'
import { MillraceError } from '../wire/errors.ts'
import { type HeldDirectory, holdDirectory, syncDirectory } from './data-directory.ts'
import { LmdbSegment, removeSegment, segmentName, segmentOfName } from './lmdb-segment.ts'
import { LmdbTable } from './lmdb-table.ts'
import type { Piece, Segment, Store, TableChange, TableEntry } from './store.ts'

/** Address space of the catalog. */
const catalogMapBytes = 4 * 1024 ** 3
/** Disk space that is never filled by commits, so that the catalog, an index and the operator still have room. */
const reserveBytesMax = 64 * 1024 ** 2

export interface LmdbStoreOptions {
  /** At which size the log seals a segment; sets the size of the map. */
  readonly segmentBytes?: number
  /** Sealed segments kept open at once. */
  readonly openSegments?: number
}

interface SealedSegment {
  readonly first: number
  readonly end: number
  readonly bytes: number
}

/** The engine on disk: a chain of LMDB environments, the last one open for writing, and a table beside them. */
export class LmdbStore implements Store {
  readonly supports = { durable: true }
  readonly #held: HeldDirectory
  readonly #table: LmdbTable
  readonly #mapBytes: number
  readonly #openSegmentsMax: number
  #sealed: SealedSegment[]
  #open: LmdbSegment
  #next: number
  #openBytes: number
  /** Sealed segments open for reading, the one used last at the end. */
  readonly #reading = new Map<number, LmdbSegment>()
  /** Bytes that may be appended before free space is looked at again. */
  #credit = 0
  #broken: MillraceError | undefined

  private constructor(
    held: HeldDirectory,
    options: LmdbStoreOptions,
    table: LmdbTable,
    chain: Chain,
    mapBytes: number,
  ) {
    this.#held = held
    this.#table = table
    this.#mapBytes = mapBytes
    this.#openSegmentsMax = options.openSegments ?? limits.openSegmentsMax
    this.#sealed = chain.sealed
    this.#open = chain.open
    this.#next = chain.next
    this.#openBytes = chain.openBytes
  }

  /**
   * Opens the data directory at `path`, creating it if need be.
   * @throws store_locked, store_format, store_unusable (nothing was changed)
   */
  static async open(path: string, options: LmdbStoreOptions = {}): Promise<LmdbStore> {
    const held = await holdDirectory(path)
    try {
      const mapBytes = 2 * (options.segmentBytes ?? limits.segmentBytesMax) + 8 * limits.commitBytesMax
      const chain = await openChain(held.path, mapBytes)
      const table = new LmdbTable(held.path, catalogMapBytes)
      await syncDirectory(held.path)
      return new LmdbStore(held, options, table, chain, mapBytes)
    } catch (error) {
      await held.release()
      throw error
    }
  }

  async append(commit: Uint8Array): Promise<number> {
    if (this.#broken !== undefined) throw this.#broken
    await this.#makeSureOfSpace(commit.length)
    const number = this.#next
    try {
      await this.#open.append(number, commit)
    } catch (error) {
      throw await this.#judge(number, commit.length, error)
    }
    this.#next = number + 1
    this.#openBytes += commit.length
    return number
  }

  async read(pieces: readonly Piece[]): Promise<Uint8Array> {
    const all = Buffer.allocUnsafeSlow(pieces.reduce((sum, piece) => sum + piece.length, 0))
    let at = 0
    for (const piece of pieces) {
      this.#segmentOf(piece.commit).copy(piece, all, at)
      at += piece.length
    }
    return all
  }

  async *scan(from: number): AsyncGenerator<{ number: number; value: Uint8Array }> {
    for (let number = Math.max(from, this.#sealed[0]?.first ?? this.#open.first); number < this.#next; number++) {
      const value = this.#segmentOf(number).view(number)
      if (value === undefined) throw new MillraceError('store_corrupt', { commit: number, reason: 'it is not there' })
      yield { number, value }
    }
  }

  async seal(index: Uint8Array): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken
    const sealed = this.#open
    try {
      await sealed.seal(index)
      const next = LmdbSegment.open(this.#held.path, this.#next, this.#mapBytes, false)
      await syncDirectory(this.#held.path)
      this.#open = next
    } catch (error) {
      this.#broken = new MillraceError('store_failed', { reason: `sealing a segment: ${reasonOf(error)}` }, error)
      throw this.#broken
    }
    this.#sealed.push({ first: sealed.first, end: this.#next, bytes: this.#openBytes })
    this.#openBytes = 0
    this.#lend(sealed)
  }

  async index(segment: number): Promise<Uint8Array> {
    const index = this.#segmentOf(segment).index()
    if (index === undefined) throw new MillraceError('store_corrupt', { commit: segment, reason: 'it has no index' })
    return index
  }

  segments(): readonly Segment[] {
    return [...this.#sealed.map((each) => ({ ...each, sealed: true })), this.openSegment()]
  }

  openSegment(): Segment {
    return { first: this.#open.first, end: this.#next, bytes: this.#openBytes, sealed: false }
  }

  async trim(number: number): Promise<void> {
    const gone = this.#sealed.filter((each) => each.end <= number)
    this.#sealed = this.#sealed.filter((each) => each.end > number)
    for (const { first } of gone) {
      const open = this.#reading.get(first)
      this.#reading.delete(first)
      await open?.close()
      await removeSegment(this.#held.path, first)
    }
    if (gone.length > 0) this.#credit = 0
  }

  async put(changes: readonly TableChange[]): Promise<void> {
    try {
      await this.#table.put(changes)
    } catch (error) {
      throw new MillraceError('store_full', { reason: `writing the catalog: ${reasonOf(error)}` }, error)
    }
  }

  async entries(prefix: string): Promise<readonly TableEntry[]> {
    return this.#table.entries(prefix)
  }

  async close(): Promise<void> {
    this.#broken = new MillraceError('store_failed', { reason: 'it was closed' })
    for (const segment of this.#reading.values()) await segment.close()
    this.#reading.clear()
    await this.#open.close()
    await this.#table.close()
    await this.#held.release()
  }

  /** Looks at the free space every so many bytes, because LMDB cannot tell a full disk from a broken one. */
  async #makeSureOfSpace(bytes: number): Promise<void> {
    if (this.#credit > bytes) {
      this.#credit -= bytes
      return
    }
    const { free, reserve } = await this.#space()
    if (free - reserve < bytes) {
      throw new MillraceError('store_full', { reason: `${free} bytes are free in ${this.#held.path}` })
    }
    this.#credit = Math.min(free - reserve - bytes, reserve) / 2
  }

  async #space(): Promise<{ free: number; reserve: number }> {
    const { bavail, bsize, blocks } = await statfs(this.#held.path)
    return { free: bavail * bsize, reserve: Math.min(reserveBytesMax, (blocks * bsize) / 16) }
  }

  /** Decides what a failed append means: a full disk passes; anything else and this store takes no more writes. */
  async #judge(number: number, bytes: number, cause: unknown): Promise<MillraceError> {
    const { free, reserve } = await this.#space()
    this.#credit = 0
    if (free < bytes + reserve && !this.#open.has(number)) {
      return new MillraceError('store_full', { reason: `${free} bytes are free in ${this.#held.path}` }, cause)
    }
    // After a failed flush the system may report success for data it dropped: nothing that follows could be trusted.
    this.#broken = new MillraceError('store_failed', { reason: reasonOf(cause) }, cause)
    return this.#broken
  }

  #segmentOf(commit: number): LmdbSegment {
    if (commit >= this.#open.first) return this.#open
    const place = this.#sealed[lastNotAfter(this.#sealed, commit)]
    if (place === undefined || commit >= place.end)
      throw new MillraceError('store_corrupt', { commit, reason: 'its segment is gone' })
    const lent = this.#reading.get(place.first)
    if (lent !== undefined) {
      this.#reading.delete(place.first)
      this.#reading.set(place.first, lent)
      return lent
    }
    return this.#lend(LmdbSegment.open(this.#held.path, place.first, this.#mapBytes, true))
  }

  /** Keeps a sealed segment open for reading, and closes the one that was not used for longest when there are too many. */
  #lend(segment: LmdbSegment): LmdbSegment {
    this.#reading.set(segment.first, segment)
    if (this.#reading.size > this.#openSegmentsMax) {
      const [first, oldest] = this.#reading.entries().next().value as [number, LmdbSegment]
      this.#reading.delete(first)
      oldest.close().catch((error: unknown) => {
        this.#broken ??= new MillraceError('store_failed', { reason: `closing a segment: ${reasonOf(error)}` }, error)
      })
    }
    return segment
  }
}

/** The place of the last segment that begins at `commit` or before it; -1 when there is none. */
function lastNotAfter(segments: readonly SealedSegment[], commit: number): number {
  let low = -1
  let high = segments.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((segments[middle] as SealedSegment).first <= commit) low = middle
    else high = middle - 1
  }
  return low
}

interface Chain {
  sealed: SealedSegment[]
  open: LmdbSegment
  next: number
  openBytes: number
}

/** Finds the segments and opens the last one, or a new one behind it if a crash came just after it was sealed. */
async function openChain(directory: string, mapBytes: number): Promise<Chain> {
  const names = await readdir(directory)
  const firsts = names.map(segmentOfName).filter((first) => first !== undefined)
  firsts.sort((a, b) => a - b)
  const sealed: SealedSegment[] = []
  for (const [i, first] of firsts.slice(0, -1).entries()) {
    const { size } = await stat(join(directory, segmentName(first)))
    sealed.push({ first, end: firsts[i + 1] as number, bytes: size })
  }
  const last = firsts.at(-1) ?? 0
  const open = LmdbSegment.open(directory, last, mapBytes, false)
  const next = last + open.count()
  const bytes = next === last ? 0 : await bytesOf(directory, last)
  if (open.index() === undefined) return { sealed, open, next, openBytes: bytes }
  await open.close()
  sealed.push({ first: last, end: next, bytes })
  return { sealed, open: LmdbSegment.open(directory, next, mapBytes, false), next, openBytes: 0 }
}

async function bytesOf(directory: string, first: number): Promise<number> {
  const { size } = await stat(join(directory, segmentName(first)))
  return size
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
