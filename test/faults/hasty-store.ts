import { setTimeout as sleep } from 'node:timers/promises'
import type { Piece, Segment, Store, TableChange, TableEntry } from '../../broker/store/store.ts'

/**
 * An engine that lies: it says that a commit is on disk a while before it is. What it has promised it gives out from memory. It is here to
 * be caught: a test that takes this for a good engine cannot see a lost record.
 */
export class HastyStore implements Store {
  readonly supports = { durable: true }
  readonly #inner: Store
  readonly #delayMillis: number
  readonly #promised = new Map<number, Uint8Array>()
  #writing: Promise<unknown> = Promise.resolve()

  constructor(inner: Store, delayMillis: number) {
    this.#inner = inner
    this.#delayMillis = delayMillis
  }

  async append(commit: Uint8Array): Promise<number> {
    const number = this.openSegment().end
    this.#promised.set(number, commit)
    this.#writing = this.#writing
      .then(() => sleep(this.#delayMillis))
      .then(() => this.#inner.append(commit))
      .then(() => this.#promised.delete(number))
    return number
  }

  async read(pieces: readonly Piece[]): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    for (const piece of pieces) {
      const promised = this.#promised.get(piece.commit)?.subarray(piece.offset, piece.offset + piece.length)
      parts.push(promised ?? (await this.#inner.read([piece])))
    }
    return Buffer.concat(parts)
  }

  scan(from: number): AsyncIterable<{ readonly number: number; readonly value: Uint8Array }> {
    return this.#inner.scan(from)
  }

  async seal(index: Uint8Array): Promise<void> {
    await this.#writing
    await this.#inner.seal(index)
  }

  index(segment: number): Promise<Uint8Array> {
    return this.#inner.index(segment)
  }

  segments(): readonly Segment[] {
    return [...this.#inner.segments().slice(0, -1), this.openSegment()]
  }

  openSegment(): Segment {
    const open = this.#inner.openSegment()
    return { ...open, end: open.end + this.#promised.size }
  }

  trim(number: number): Promise<void> {
    return this.#inner.trim(number)
  }

  put(changes: readonly TableChange[]): Promise<void> {
    return this.#inner.put(changes)
  }

  value(key: string): Promise<Uint8Array | undefined> {
    return this.#inner.value(key)
  }

  entries(prefix: string): Promise<readonly TableEntry[]> {
    return this.#inner.entries(prefix)
  }

  async close(): Promise<void> {
    await this.#writing
    await this.#inner.close()
  }
}
