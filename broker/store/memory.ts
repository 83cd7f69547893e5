import { MillraceError } from '../wire/errors.ts'
import type { Piece, Segment, Store, TableChange, TableEntry } from './store.ts'

interface MemorySegment {
  first: number
  bytes: number
  commits: Uint8Array[]
  index: Uint8Array | undefined
}

/**
 * The engine without a disk, for tests and for `--memory`. It keeps the contract of the seam except durability: it
 * acknowledges on the next turn of the event loop, and a restart finds nothing.
 */
export class MemoryStore implements Store {
  readonly supports = { durable: false }
  readonly #segments: MemorySegment[] = [emptySegment(0)]
  readonly #table = new Map<string, Uint8Array>()
  #closed = false

  async append(commit: Uint8Array): Promise<number> {
    await this.#turn()
    const open = this.#open
    open.commits.push(commit)
    open.bytes += commit.length
    return open.first + open.commits.length - 1
  }

  async read(pieces: readonly Piece[]): Promise<Uint8Array> {
    this.#requireOpen()
    const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
    let at = 0
    for (const piece of pieces) {
      const commit = this.#commit(piece.commit)
      if (commit === undefined || piece.offset + piece.length > commit.length) {
        throw new MillraceError('store_corrupt', { commit: piece.commit, reason: 'it is not there' })
      }
      all.set(commit.subarray(piece.offset, piece.offset + piece.length), at)
      at += piece.length
    }
    return all
  }

  async *scan(from: number): AsyncGenerator<{ number: number; value: Uint8Array }> {
    this.#requireOpen()
    for (const segment of [...this.#segments]) {
      for (let i = Math.max(0, from - segment.first); i < segment.commits.length; i++) {
        yield { number: segment.first + i, value: segment.commits[i] as Uint8Array }
      }
    }
  }

  async seal(index: Uint8Array): Promise<void> {
    this.#requireOpen()
    const open = this.#open
    if (open.commits.length === 0) throw new MillraceError('internal', { reason: 'an empty segment was to be sealed' })
    await this.#turn()
    open.index = index
    this.#segments.push(emptySegment(open.first + open.commits.length))
  }

  async index(segment: number): Promise<Uint8Array> {
    this.#requireOpen()
    const index = this.#segments.find((each) => each.first === segment)?.index
    if (index === undefined) throw new MillraceError('store_corrupt', { commit: segment, reason: 'it has no index' })
    return index
  }

  segments(): readonly Segment[] {
    return this.#segments.map(describe)
  }

  openSegment(): Segment {
    return describe(this.#open)
  }

  async trim(number: number): Promise<void> {
    await this.#turn()
    while (this.#segments.length > 1 && (this.#segments[1] as MemorySegment).first <= number) this.#segments.shift()
  }

  async put(changes: readonly TableChange[]): Promise<void> {
    await this.#turn()
    for (const { key, value } of changes) {
      if (value === undefined) this.#table.delete(key)
      else this.#table.set(key, new Uint8Array(value))
    }
  }

  async value(key: string): Promise<Uint8Array | undefined> {
    this.#requireOpen()
    const value = this.#table.get(key)
    return value && new Uint8Array(value)
  }

  async entries(prefix: string): Promise<readonly TableEntry[]> {
    this.#requireOpen()
    return [...this.#table]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => ({ key, value: new Uint8Array(value) }))
  }

  async close(): Promise<void> {
    this.#closed = true
    // What is under way ends within a turn.
    await new Promise((resolve) => setImmediate(resolve))
    this.#segments.length = 0
    this.#segments.push(emptySegment(0))
    this.#table.clear()
  }

  /** Lets a turn of the event loop pass, as an engine with a disk would at the very soonest: callers must not count on less. */
  async #turn(): Promise<void> {
    this.#requireOpen()
    await new Promise((resolve) => setImmediate(resolve))
  }

  #requireOpen(): void {
    if (this.#closed) throw new MillraceError('store_failed', { reason: 'it was closed' })
  }

  get #open(): MemorySegment {
    return this.#segments.at(-1) as MemorySegment
  }

  #commit(number: number): Uint8Array | undefined {
    const segment = this.#segments.findLast((each) => each.first <= number)
    return segment?.commits[number - segment.first]
  }
}

function describe({ first, commits, bytes, index }: MemorySegment): Segment {
  return { first, end: first + commits.length, bytes, sealed: index !== undefined }
}

function emptySegment(first: number): MemorySegment {
  return { first, bytes: 0, commits: [], index: undefined }
}
