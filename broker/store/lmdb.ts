import { limits } from '../limits.ts'
import { MillraceError } from '../wire/errors.ts'
import { type HeldDirectory, holdDirectory, syncDirectory } from './data-directory.ts'
import { DiskSpace } from './disk-space.ts'
import { LmdbSegment, removeSegment } from './lmdb-segment.ts'
import { LmdbTable } from './lmdb-table.ts'
import { type Chain, lastNotAfter, openChain, type SealedSegment } from './segment-chain.ts'
import type { Piece, Segment, Store, TableChange, TableEntry } from './store.ts'

/** Address space of the catalog. */
const catalogMapBytes = 4 * 1024 ** 3

export interface LmdbStoreOptions {
  /** At which size the log seals a segment; sets the size of the map. */
  readonly segmentBytes?: number
  /** Sealed segments kept open at once. */
  readonly openSegments?: number
}

/** The engine on disk: a chain of LMDB environments, the last one open for writing, and a table beside them. */
export class LmdbStore implements Store {
  readonly supports = { durable: true }
  readonly #held: HeldDirectory
  readonly #space: DiskSpace
  readonly #table: LmdbTable
  readonly #mapBytes: number
  readonly #openSegmentsMax: number
  #sealed: SealedSegment[]
  #open: LmdbSegment
  #next: number
  #openBytes: number
  /** Sealed segments open for reading, the one used last at the end. */
  readonly #reading = new Map<number, LmdbSegment>()
  /** Writes that were not answered yet. */
  readonly #underWay = new Set<Promise<unknown>>()
  /** Why nothing more is written: the disk can't be trusted any more, or the store was closed. */
  #broken: MillraceError | undefined
  #closing: Promise<void> | undefined

  private constructor(
    held: HeldDirectory,
    options: LmdbStoreOptions,
    table: LmdbTable,
    chain: Chain,
    mapBytes: number,
  ) {
    this.#held = held
    this.#space = new DiskSpace(held.path)
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
   * @throws store_locked, store_format, store_unusable (in these cases nothing was changed), store_corrupt, store_failed
   */
  static async open(path: string, options: LmdbStoreOptions = {}): Promise<LmdbStore> {
    const held = await holdDirectory(path)
    try {
      const mapBytes = 2 * (options.segmentBytes ?? limits.segmentBytesMax) + 8 * limits.commitBytesMax
      const chain = await openChain(held.path, mapBytes)
      try {
        const table = await LmdbTable.open(held.path, catalogMapBytes)
        return new LmdbStore(held, options, table, chain, mapBytes)
      } catch (error) {
        await chain.open.close()
        throw error
      }
    } catch (error) {
      await held.release()
      throw error
    }
  }

  append(commit: Uint8Array): Promise<number> {
    return this.#write(async () => {
      await this.#space.require(commit.length)
      const number = this.#next
      const append = () => this.#open.append(number, commit)
      await this.#orJudge(commit.length, 'appending', append, () => !this.#open.has(number))
      this.#next = number + 1
      this.#openBytes += commit.length
      return number
    })
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
    // LMDB lends one buffer to all reads; the scan's own keeps a value whole while others read.
    let lent = new Uint8Array(0)
    for (let number = Math.max(from, this.#sealed[0]?.first ?? this.#open.first); number < this.#next; number++) {
      const value = this.#segmentOf(number).view(number)
      if (value === undefined) throw new MillraceError('store_corrupt', { commit: number, reason: 'it is not there' })
      if (value.length > lent.length) lent = new Uint8Array(2 * value.length)
      lent.set(value)
      yield { number, value: lent.subarray(0, value.length) }
    }
  }

  seal(index: Uint8Array): Promise<void> {
    return this.#write(async () => {
      const sealed = this.#open
      if (sealed.first === this.#next)
        throw new MillraceError('internal', { reason: 'an empty segment was to be sealed' })
      await this.#space.requireReserved(index.length)
      await this.#orJudge(index.length, 'sealing a segment', async () => {
        // It may have come this far before the disk was full.
        if (sealed.index() === undefined) await sealed.seal(index)
        this.#open = await LmdbSegment.create(this.#held.path, this.#next, this.#mapBytes)
      })
      this.#sealed.push({ first: sealed.first, end: this.#next, bytes: this.#openBytes })
      this.#openBytes = 0
      this.#lend(sealed)
    })
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

  trim(number: number): Promise<void> {
    return this.#write(async () => {
      const gone = this.#sealed.filter((each) => each.end <= number)
      this.#sealed = this.#sealed.filter((each) => each.end > number)
      for (const { first } of gone) {
        const open = this.#reading.get(first)
        this.#reading.delete(first)
        await open?.close()
        await removeSegment(this.#held.path, first)
        // One after the other: a crash must not take a segment and bring back an older one.
        await syncDirectory(this.#held.path)
      }
      if (gone.length > 0) this.#space.forget()
    })
  }

  put(changes: readonly TableChange[]): Promise<void> {
    const bytes = changes.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)
    return this.#write(async () => {
      await this.#space.requireReserved(bytes)
      await this.#orJudge(bytes, 'writing the catalog', () => this.#table.put(changes))
    })
  }

  async value(key: string): Promise<Uint8Array | undefined> {
    this.#requireOpen()
    return this.#table.value(key)
  }

  async entries(prefix: string): Promise<readonly TableEntry[]> {
    this.#requireOpen()
    return this.#table.entries(prefix)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#broken = new MillraceError('store_failed', { reason: 'it was closed' })
    await Promise.allSettled(this.#underWay)
    try {
      for (const segment of this.#reading.values()) await segment.close()
      this.#reading.clear()
      await this.#open.close()
      await this.#table.close()
    } finally {
      await this.#held.release()
    }
  }

  /** Does `work` unless nothing may be written any more; `close` waits for it. */
  async #write<T>(work: () => Promise<T>): Promise<T> {
    if (this.#broken !== undefined) throw this.#broken
    const writing = work()
    this.#underWay.add(writing)
    try {
      return await writing
    } finally {
      this.#underWay.delete(writing)
    }
  }

  /**
   * Writes, and decides what a failure means: a full disk passes, if the write is `undone`; anything else and this store takes no
   * more writes.
   */
  async #orJudge(bytes: number, what: string, write: () => Promise<void>, undone = () => true): Promise<void> {
    try {
      await write()
    } catch (cause) {
      const full = await this.#space.excuse(bytes, cause)
      if (full !== undefined && undone()) throw full
      // After a failed flush the system may report success for data it dropped: nothing that follows could be trusted.
      this.#broken ??= new MillraceError('store_failed', { reason: `${what}: ${reasonOf(cause)}` }, cause)
      throw this.#broken
    }
  }

  #requireOpen(): void {
    if (this.#closing !== undefined) throw new MillraceError('store_failed', { reason: 'it was closed' })
  }

  #segmentOf(commit: number): LmdbSegment {
    this.#requireOpen()
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

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
