import * as fc from 'fast-check'
import { effort, seed } from './random.ts'

/**
 * Tries `predicate`, which throws where the property doesn't hold, on cases of `arbitraries`. A failure is shrunk to its
 * smallest case, and says the seed that repeats it.
 */
export function holds<Values extends [unknown, ...unknown[]]>(
  arbitraries: { [Place in keyof Values]: fc.Arbitrary<Values[Place]> },
  predicate: (...values: Values) => void,
  runs = 300,
): void {
  fc.assert(fc.property(...arbitraries, predicate), { seed, numRuns: runs * effort })
}

/** Any text that has a form in UTF-8, so everything but halves of surrogate pairs. */
export const anyText = (bounds: { minLength?: number; maxLength?: number } = {}): fc.Arbitrary<string> =>
  fc.string({ unit: 'binary', ...bounds })

/** Bytes of every length up to `maxLength`. */
export const anyBytes = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength })
