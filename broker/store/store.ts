/**
 * The engine seam: a durable, ordered sequence of commits, cut into segments, and a small table beside it. Everything
 * above is engine-independent. What an engine guarantees:
 *
 * - `append` resolves with the commit's number when the commit is on disk, and not before. Numbers grow by one.
 * - Nothing is visible to `read` or `scan`, now or after a crash, that was not durable first.
 * - A failed append leaves nothing behind: the next one takes the same number, or the store says it is broken.
 * - `append` and `seal` are not called before the last of them settled. Reads may run at any time, beside them.
 * - The bytes handed to `append` are not touched by the caller afterwards, those of `put` until it settled; those handed out
 *   by `read`, `value` and `entries` belong to the caller.
 * - After `close` everything is refused with store_failed.
 *
 * `test/conformance/store.ts` checks each of these, for any engine.
 */
export interface Store {
  /** Which optional things this engine does; the conformance suite follows it. */
  readonly supports: { readonly durable: boolean }

  /**
   * Appends one commit to the open segment.
   * @throws store_full (nothing written; later appends may succeed), store_failed (this store takes no more writes)
   */
  append(commit: Uint8Array): Promise<number>

  /**
   * Reads pieces of commits and returns them one behind the other in one buffer.
   * @throws store_corrupt when a commit or piece is not there
   */
  read(pieces: readonly Piece[]): Promise<Uint8Array>

  /**
   * Visits the commits from `from` to the last durable one, in order. A value is valid only until the next is asked for.
   * @throws store_corrupt when one is not there
   */
  scan(from: number): AsyncIterable<{ readonly number: number; readonly value: Uint8Array }>

  /**
   * Seals the open segment, which holds at least one commit, with its `index` and opens the next one; the sealed one is durable
   * and never changes again.
   * @throws store_full (ask again once there is space), store_failed
   */
  seal(index: Uint8Array): Promise<void>

  /**
   * The index a segment was sealed with.
   * @throws store_corrupt when there is none
   */
  index(segment: number): Promise<Uint8Array>

  /** All segments, oldest first; the last one is open. */
  segments(): readonly Segment[]

  /** The segment that is being written. */
  openSegment(): Segment

  /**
   * Removes, durably and the oldest first, all sealed segments whose commits are all below `number`, giving their disk space back.
   */
  trim(number: number): Promise<void>

  /**
   * Durably writes and removes entries of the table, all or none, in the order of the calls.
   * @throws store_full, store_failed
   */
  put(changes: readonly TableChange[]): Promise<void>

  /** The value of the table's entry `key`; undefined when there is none. */
  value(key: string): Promise<Uint8Array | undefined>

  /** The entries of the table whose key starts with `prefix`, in key order. */
  entries(prefix: string): Promise<readonly TableEntry[]>

  /** Waits for what is under way and closes everything. */
  close(): Promise<void>
}

/** Where some bytes of the log lie. */
export interface Piece {
  readonly commit: number
  readonly offset: number
  readonly length: number
}

export interface Segment {
  /** The number of its first commit, which is also its name. */
  readonly first: number
  /** The number its next commit had, or will have: `first` while it is empty. */
  readonly end: number
  /** Bytes of its commits; after a restart, of its file, which is a little more. */
  readonly bytes: number
  readonly sealed: boolean
}

/** An entry to write, or with `value` undefined, to remove. Keys are ASCII, at most 1,000 bytes. */
export interface TableChange {
  readonly key: string
  readonly value: Uint8Array | undefined
}

export interface TableEntry {
  readonly key: string
  readonly value: Uint8Array
}
