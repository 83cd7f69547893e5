import type { Piece, Segment, Store, TableChange, TableEntry } from '../../broker/store/store.ts'

/**
 * The wrong that the crash test is there to see: an engine that acknowledges a commit before it is on disk, and writes it then.
 */
export class EagerStore implements Store {
  readonly supports: Store['supports']
  readonly #store: Store
  #writing: Promise<unknown> = Promise.resolve()
  #ahead = 0

  constructor(store: Store) {
    this.supports = store.supports
    this.#store = store
  }

  async append(commit: Uint8Array): Promise<number> {
    const number = this.openSegment().end
    this.#ahead++
    this.#writing = this.#writing.then(async () => {
      await this.#store.append(commit)
      this.#ahead--
    })
    return number
  }

  async seal(index: Uint8Array): Promise<void> {
    await this.#writing
    await this.#store.seal(index)
  }

  async read(pieces: readonly Piece[]): Promise<Uint8Array> {
    await this.#writing
    return this.#store.read(pieces)
  }

  scan(from: number): AsyncIterable<{ readonly number: number; readonly value: Uint8Array }> {
    return this.#store.scan(from)
  }

  index(segment: number): Promise<Uint8Array> {
    return this.#store.index(segment)
  }

  segments(): readonly Segment[] {
    return [...this.#store.segments().slice(0, -1), this.openSegment()]
  }

  openSegment(): Segment {
    const open = this.#store.openSegment()
    return { ...open, end: open.end + this.#ahead }
  }

  trim(number: number): Promise<void> {
    return this.#store.trim(number)
  }

  put(changes: readonly TableChange[]): Promise<void> {
    return this.#store.put(changes)
  }

  entries(prefix: string): Promise<readonly TableEntry[]> {
    return this.#store.entries(prefix)
  }

  async close(): Promise<void> {
    await this.#writing
    await this.#store.close()
  }
}
