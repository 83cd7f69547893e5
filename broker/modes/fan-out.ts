import type { Clock } from '../clock.ts'

/** What was made of one run, for all who read it. */
interface Shared<T> {
  readonly made: T
  readonly bytes: number
}

/** Keeps what was made of the latest runs, by the frame it was made of, up to a number of bytes; the oldest goes first. */
export class RunCache<T> {
  readonly #bytesMax: number
  readonly #runs = new Map<Uint8Array, Shared<T>>()
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** What was made of `frame`, or what `make` makes of it now. */
  get(frame: Uint8Array, make: () => Shared<T>): T {
    const known = this.#runs.get(frame)
    if (known !== undefined) return known.made
    const shared = make()
    this.#runs.set(frame, shared)
    this.#bytes += shared.bytes
    for (const [oldest, { bytes }] of this.#runs) {
      if (this.#bytes <= this.#bytesMax) break
      this.#runs.delete(oldest)
      this.#bytes -= bytes
    }
    return shared.made
  }
}

interface Admission {
  readonly at: number
  /** Ends the subscription that was admitted; undefined once it has ended. */
  end: (() => void) | undefined
}

/**
 * Who reads what by enhanced fan-out: one reader for each consumer and shard. A new one takes the place of the one before, but not sooner than an
 * interval after that was let in, whether or not it is still there.
 */
export class FanOut {
  readonly #clock: Clock
  readonly #intervalMillis: number
  readonly #admissions = new Map<string, Admission>()

  constructor(clock: Clock, intervalMillis: number) {
    this.#clock = clock
    this.#intervalMillis = intervalMillis
  }

  /**
   * Lets in a reader, ending the one before; `end` will end this one. Returns what is to be called when it has ended; undefined when it
   * is too soon.
   */
  admit(reader: string, end: () => void): (() => void) | undefined {
    const before = this.#admissions.get(reader)
    const now = this.#clock.now()
    if (before !== undefined && now - before.at < this.#intervalMillis) return undefined
    before?.end?.()
    const admission: Admission = { at: now, end }
    this.#admissions.set(reader, admission)
    const forget = () => {
      if (admission.end === undefined && this.#admissions.get(reader) === admission) this.#admissions.delete(reader)
    }
    this.#clock.after(this.#intervalMillis, forget)
    return () => {
      admission.end = undefined
      if (this.#clock.now() - now >= this.#intervalMillis) forget()
    }
  }
}
