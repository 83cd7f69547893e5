import { anythingBut } from './anything-but.ts'
import { cidr } from './cidr.ts'
import { invalid } from './invalid.ts'
import { numeric } from './numeric.ts'
import type { Scalar, Test } from './tree.ts'
import { wildcard } from './wildcard.ts'

/** Makes a test of an operator's argument; throws pattern_invalid. */
export type ParseTest = (argument: unknown) => Test

/** All operators but `exists`, which is about the field and not about its values: one line each. */
export const operators: ReadonlyMap<string, ParseTest> = new Map([
  ['prefix', edge('prefix')],
  ['suffix', edge('suffix')],
  ['equals-ignore-case', equalsIgnoreCase],
  ['wildcard', wildcard],
  ['numeric', numeric],
  ['cidr', cidr],
  ['anything-but', anythingBut],
])

/** `{"prefix": "x"}` or `{"prefix": {"equals-ignore-case": "x"}}`, and the same for suffixes. */
function edge(by: 'prefix' | 'suffix'): ParseTest {
  return (argument) => {
    const fold = isFolding(argument)
    const text = fold ? argument['equals-ignore-case'] : argument
    if (typeof text !== 'string') throw invalid(`${by} match pattern must be a string`)
    return edgeTest(by, text, fold)
  }
}

function edgeTest(by: 'prefix' | 'suffix', given: string, fold: boolean): Test {
  const text = fold ? given.toLowerCase() : given
  const has = by === 'prefix' ? 'startsWith' : 'endsWith'
  const matches = (value: Scalar) => typeof value === 'string' && (fold ? value.toLowerCase() : value)[has](text)
  return { matches, handle: { by, text, fold } }
}

function equalsIgnoreCase(argument: unknown): Test {
  if (typeof argument !== 'string') throw invalid('equals-ignore-case match pattern must be a string')
  const text = argument.toLowerCase()
  return {
    matches: (value) => typeof value === 'string' && value.toLowerCase() === text,
    handle: { by: 'folded', text },
  }
}

function isFolding(argument: unknown): argument is { 'equals-ignore-case': unknown } {
  return typeof argument === 'object' && argument !== null && Object.keys(argument).join() === 'equals-ignore-case'
}
