import type { Clock } from '../clock.ts'

/** What is to go wrong with calls about a stream, for tests of how its users take it. */
export interface Faults {
  /** Names of the operations this is about, such as PutRecords; all that read or write records, when left out. */
  readonly operations?: readonly string[] | undefined
  /** How much of all calls, or of all records put, is refused for want of throughput: 0 to 1, spread evenly. */
  readonly throttleShare: number
  /** How long each call waits before anything is done. */
  readonly latencyMillis: number
  /** How many of the next calls fail with an internal error. */
  readonly failNext: number
}

/** What a call is to do. */
export type Verdict = 'go on' | 'throttle' | 'fail'

/** The faults of one stream: none, until they are set. */
export class StreamFaults {
  readonly #clock: Clock
  #faults: Faults | undefined
  #failuresLeft = 0
  /** The fraction of a refusal that is due; so 0.25 refuses every fourth, and a test can count on it. */
  #due = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** What was set, with the failures that are left; undefined when nothing was. */
  get current(): Faults | undefined {
    return this.#faults && { ...this.#faults, failNext: this.#failuresLeft }
  }

  /** Sets them; undefined: everything works again. */
  set(faults: Faults | undefined): void {
    this.#faults = faults
    this.#failuresLeft = faults?.failNext ?? 0
    this.#due = 0
  }

  /** Waits as long as is set, and says whether a call goes on; `throttles` is asked record by record instead when `byRecord`. */
  async before(operation: string, byRecord = false): Promise<Verdict> {
    const faults = this.#concerning(operation)
    if (faults === undefined) return 'go on'
    if (faults.latencyMillis > 0) {
      await new Promise<void>((resolve) => this.#clock.after(faults.latencyMillis, resolve))
    }
    if (this.#failuresLeft > 0) {
      this.#failuresLeft--
      return 'fail'
    }
    return !byRecord && this.throttles(operation) ? 'throttle' : 'go on'
  }

  /** Whether the next call, or record, is one of those that are refused. */
  throttles(operation: string): boolean {
    const faults = this.#concerning(operation)
    if (faults === undefined) return false
    this.#due += faults.throttleShare
    // Shares such as 0.1 are not exact; ten of them are a whole one all the same.
    if (this.#due < 1 - 1e-9) return false
    this.#due -= 1
    return true
  }

  #concerning(operation: string): Faults | undefined {
    const faults = this.#faults
    return faults?.operations === undefined || faults.operations.includes(operation) ? faults : undefined
  }
}
