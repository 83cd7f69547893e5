import type { SegmentHead } from './segment-index.ts'

/**
 * State that must survive and is no record: a mode's state is the fold of its journal entries, which ride in the same
 * commits as records, over a snapshot that is taken whenever a segment is sealed.
 */
export interface JournalOwner {
  /** The number its entries carry; chosen once and for ever. */
  readonly number: number
  /** Takes one entry up, at a start, in the order they were written. */
  replay(entry: Uint8Array): void
  /** Takes up what `snapshot` returned, before any entry. */
  restore(snapshot: Uint8Array): void
  /** All state that durable entries have led to. */
  snapshot(): Uint8Array
}

/** A mode whose logs are its own: its state is a fold of their records too, and it decides how long they are kept. */
export interface LogOwner extends JournalOwner {
  /**
   * Takes up, at a start, what one commit holds of log `log`: a frame of blocks, valid during the call only. It comes before the
   * entries of that commit.
   */
  replayRun(log: number, frame: Uint8Array): void
  /** Before each retention pass: gives up what has expired. */
  expire(): Promise<void>
  /** How many records of `head` are still needed; Infinity when they can't be moved either. */
  needed(head: SegmentHead): number
  /** Appends again what is still needed of `head`; when it resolves nothing of it is. */
  rescue(head: SegmentHead): Promise<void>
}

/** The owner of a log with `owner` as its owner's number; undefined when records are kept by age alone. */
export function ownerOf(owners: readonly JournalOwner[], owner: number | undefined): LogOwner | undefined {
  const found = owner === undefined ? undefined : owners.find((each) => each.number === owner)
  return found !== undefined && 'needed' in found ? (found as LogOwner) : undefined
}

/** The catalog's key for an owner's snapshot; its value is u64 the first commit it does not cover, then the snapshot. */
export function snapshotKey(owner: number): string {
  return `snapshot/${String(owner).padStart(3, '0')}`
}
