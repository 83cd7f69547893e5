import { MemoryStore } from '../../broker/store/memory.ts'
import type { Piece, Segment, Store, TableChange, TableEntry } from '../../broker/store/store.ts'
import { MillraceError } from '../../broker/wire/errors.ts'

/** A memory engine that survives the broker over it: each `open` is a process that can crash between any two turns. */
export class KeptStore {
  readonly #inner = new MemoryStore()

  open(): CrashableStore {
    return new CrashableStore(this.#inner)
  }
}

/** One process's view of a kept store. After `crash` nothing it does has any effect, and what was under way may or may not have had. */
export class CrashableStore implements Store {
  readonly supports = { durable: true }
  readonly #inner: MemoryStore
  #crashed = false
  #underWay: Promise<unknown> = Promise.resolve()

  constructor(inner: MemoryStore) {
    this.#inner = inner
  }

  /** Resolves when what was under way is done, unheard, or will never be. */
  async crash(): Promise<void> {
    this.#crashed = true
    await this.#underWay
  }

  async append(commit: Uint8Array): Promise<number> {
    this.#requireAlive()
    const number = await this.#track(this.#inner.append(commit))
    this.#requireAlive()
    return number
  }

  async seal(index: Uint8Array): Promise<void> {
    this.#requireAlive()
    await this.#track(this.#inner.seal(index))
    this.#requireAlive()
  }

  async put(changes: readonly TableChange[]): Promise<void> {
    this.#requireAlive()
    await this.#track(this.#inner.put(changes))
    this.#requireAlive()
  }

  async trim(number: number): Promise<void> {
    this.#requireAlive()
    await this.#track(this.#inner.trim(number))
  }

  read(pieces: readonly Piece[]): Promise<Uint8Array> {
    return this.#inner.read(pieces)
  }

  scan(from: number): AsyncGenerator<{ number: number; value: Uint8Array }> {
    return this.#inner.scan(from)
  }

  index(segment: number): Promise<Uint8Array> {
    return this.#inner.index(segment)
  }

  segments(): readonly Segment[] {
    return this.#inner.segments()
  }

  openSegment(): Segment {
    return this.#inner.openSegment()
  }

  value(key: string): Promise<Uint8Array | undefined> {
    return this.#inner.value(key)
  }

  entries(prefix: string): Promise<readonly TableEntry[]> {
    return this.#inner.entries(prefix)
  }

  async close(): Promise<void> {
    await this.crash()
  }

  #track<T>(work: Promise<T>): Promise<T> {
    this.#underWay = Promise.all([this.#underWay, work])
    return work
  }

  #requireAlive(): void {
    if (this.#crashed) throw new MillraceError('store_failed', { reason: 'the process crashed' })
  }
}
