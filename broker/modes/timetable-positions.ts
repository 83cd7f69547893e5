import { Packr } from 'msgpackr'
import type { JournalOwner } from '../log/journal.ts'

/** Own data only, and plain maps and arrays only. */
const packr = new Packr({ useRecords: false })

/** The number of the timetable's journal entries. */
export const timetableOwner = 6

/** Which instant of each timed thing was the last to be published: entries ride in the same commits as what was published. */
export class TimetablePositions implements JournalOwner {
  readonly number = timetableOwner
  readonly #positions = new Map<string, number>()

  get(key: string): number | undefined {
    return this.#positions.get(key)
  }

  /** The entry that says that `instant` of `key` was published. */
  entry(key: string, instant: number): Uint8Array {
    return packr.pack([key, instant])
  }

  /** It is durable. */
  set(key: string, instant: number): void {
    const before = this.#positions.get(key)
    if (before === undefined || before < instant) this.#positions.set(key, instant)
  }

  forget(key: string): void {
    this.#positions.delete(key)
  }

  /** Keeps those of `wanted` only: others are of what was deleted. */
  keepOnly(wanted: (key: string) => boolean): void {
    for (const key of this.#positions.keys()) if (!wanted(key)) this.#positions.delete(key)
  }

  replay(entry: Uint8Array): void {
    const [key, instant] = packr.unpack(entry) as [string, number]
    this.set(key, instant)
  }

  restore(snapshot: Uint8Array): void {
    for (const [key, instant] of packr.unpack(snapshot) as [string, number][]) this.set(key, instant)
  }

  snapshot(): Uint8Array {
    return packr.pack([...this.#positions])
  }
}
