/** How a function fared since the start of the broker. */
export interface FunctionFigures {
  readonly invocations: number
  /** Those that ended with an error. */
  readonly errors: number
  /** Those that were not begun, because too much else was running. */
  readonly refusals: number
  /** Of all invocations together. */
  readonly durationMillis: number
}

const none: FunctionFigures = { invocations: 0, errors: 0, refusals: 0, durationMillis: 0 }

/** Counts what functions do, for whoever looks at the broker. */
export class FunctionCounts {
  readonly #figures = new Map<string, FunctionFigures>()

  of(name: string): FunctionFigures {
    return this.#figures.get(name) ?? none
  }

  ended(name: string, failed: boolean, durationMillis: number): void {
    const before = this.of(name)
    this.#figures.set(name, {
      ...before,
      invocations: before.invocations + 1,
      errors: before.errors + (failed ? 1 : 0),
      durationMillis: before.durationMillis + durationMillis,
    })
  }

  refused(name: string): void {
    const before = this.of(name)
    this.#figures.set(name, { ...before, refusals: before.refusals + 1 })
  }

  forget(name: string): void {
    this.#figures.delete(name)
  }
}
