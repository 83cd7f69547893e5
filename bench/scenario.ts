import type { Bench } from './bench.ts'
import type { Target } from './result.ts'

/** One thing that is measured: a file in scenarios/ and a line in scenarios.ts. */
export interface Scenario {
  readonly name: string
  /** One line for the list: what is measured. */
  readonly about: string
  /** The rivals it can be measured beside, by name. */
  readonly rivals: readonly string[]
  /** What the design asks of it. */
  readonly targets: readonly Target[]
  run(bench: Bench): Promise<void>
}
