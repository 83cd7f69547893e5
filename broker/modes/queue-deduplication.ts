/** The message a deduplication id stands for. */
export interface Deduplicated {
  readonly identity: number
  /** When it was appended. */
  readonly time: number
}

/** The deduplication ids of a FIFO queue's last messages, deleted or not. An id counts for a fixed time from its message on. */
export class DeduplicationIds {
  readonly #windowMillis: number
  /** Whether ids are told apart by message group. */
  byGroup: boolean
  /** About in order of time. */
  readonly #ids = new Map<string, Deduplicated>()

  constructor(windowMillis: number, byGroup: boolean) {
    this.#windowMillis = windowMillis
    this.byGroup = byGroup
  }

  /** What an id is known by. */
  key(group: string, id: string): string {
    return this.byGroup ? `${id}\n${group}` : id
  }

  /** Notes that a message has `id`; forgets those that no longer count at its time. */
  add(group: string, id: string, message: Deduplicated): void {
    const key = this.key(group, id)
    const known = this.#ids.get(key)
    if (known !== undefined && known.time >= message.time) return
    this.#ids.delete(key)
    this.#ids.set(key, message)
    for (const [each, { time }] of this.#ids) {
      if (time + this.#windowMillis > message.time) break
      this.#ids.delete(each)
    }
  }

  /** The message that makes another with `key` a duplicate at `now`. */
  find(key: string, now: number): Deduplicated | undefined {
    const known = this.#ids.get(key)
    return known !== undefined && known.time + this.#windowMillis > now ? known : undefined
  }

  /** Forgets the ids of messages below `sequence`. */
  forgetBelow(sequence: number): void {
    for (const [key, { identity }] of this.#ids) if (identity < sequence) this.#ids.delete(key)
  }
}
