import type { Scalar, Test } from './tree.ts'

/** The value itself: strings by their characters, numbers by what they are worth. */
export function valueTest(wanted: Scalar): Test {
  return { matches: (value) => value === wanted, handle: { by: 'value', value: wanted } }
}
