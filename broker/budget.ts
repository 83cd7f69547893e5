import { MillraceError } from './wire/errors.ts'

/** Bytes that others make the broker hold, such as requests that have not come whole, bounded for all of them together. */
export class Budget {
  readonly #bytesMax: number
  #held = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /**
   * Counts `bytes` more.
   * @throws throttled, and then they are not counted
   */
  take(bytes: number): void {
    if (this.#held + bytes > this.#bytesMax) {
      throw new MillraceError('throttled', { bytes: this.#held + bytes, limit: this.#bytesMax })
    }
    this.#held += bytes
  }

  /** Counts `bytes` that were taken as held no more. */
  give(bytes: number): void {
    this.#held -= bytes
  }
}
