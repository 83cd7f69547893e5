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

/** The catalog's key for an owner's snapshot; its value is u64 the first commit it does not cover, then the snapshot. */
export function snapshotKey(owner: number): string {
  return `snapshot/${String(owner).padStart(3, '0')}`
}
