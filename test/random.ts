import { randomInt } from 'node:crypto'

/**
 * The seed of all randomness of this test process. Every failure prints it; MILLRACE_SEED=… repeats that very run.
 */
export const seed = Number(process.env['MILLRACE_SEED'] ?? randomInt(2 ** 31))

console.log(`seed ${seed} (MILLRACE_SEED=${seed} repeats this run)`)

/** Multiplies how many cases are tried: MILLRACE_EFFORT=100 is for a night. */
export const effort = Number(process.env['MILLRACE_EFFORT'] ?? 1)

/** Random choices that a seed repeats. Quick and even enough for tests (mulberry32), and for nothing else. */
export class Random {
  #state: number

  constructor(from = seed) {
    this.#state = from >>> 0
  }

  /** An integer from 0 to `below` - 1. */
  below(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }

  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1)
  }

  /** True once in `times`. */
  oneIn(times: number): boolean {
    return this.below(times) === 0
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256))
  }

  /** `values` in another order. */
  shuffled<T>(values: readonly T[]): T[] {
    const all = [...values]
    for (let i = all.length - 1; i > 0; i--) {
      const other = this.below(i + 1)
      const value = all[i] as T
      all[i] = all[other] as T
      all[other] = value
    }
    return all
  }
}
