import { invalid } from './invalid.ts'
import type { Scalar, Test } from './tree.ts'
import { wildcard } from './wildcard.ts'

const shape = 'Value of anything-but must be an array or single string/number value.'

/**
 * `{"anything-but": X}`: the field has a value, and it is not X; X a string, a number, a list of either, or strings by their
 * beginning, end, case-insensitive text or wildcards.
 */
export function anythingBut(argument: unknown): Test {
  const refuses = refusal(argument)
  return { matches: (value) => !refuses(value), handle: { by: 'any' } }
}

function refusal(argument: unknown): (value: Scalar) => boolean {
  if (typeof argument === 'string' || typeof argument === 'number') return (value) => value === argument
  if (Array.isArray(argument)) return listed(argument)
  if (typeof argument !== 'object' || argument === null) throw invalid(shape)
  const entries = Object.entries(argument)
  if (entries.length !== 1) throw invalid('Only one key allowed in match expression')
  const [name, value] = entries[0] as [string, unknown]
  const texts = Array.isArray(value) ? value : [value]
  if (texts.length === 0) throw invalid('Empty arrays are not allowed')
  switch (name) {
    case 'prefix':
    case 'suffix':
      return edges(name, texts)
    case 'equals-ignore-case':
      return folded(texts)
    case 'wildcard': {
      const tests = texts.map(wildcard)
      return (each) => tests.some((test) => test.matches(each))
    }
    default:
      throw invalid(`Unsupported anything-but pattern: ${name}`)
  }
}

function listed(values: readonly unknown[]): (value: Scalar) => boolean {
  if (values.length === 0) throw invalid('Empty arrays are not allowed')
  const kinds = new Set(values.map((value) => typeof value))
  if ([...kinds].some((kind) => kind !== 'string' && kind !== 'number')) {
    throw invalid('Inside anything but list, start|null|boolean is not supported.')
  }
  if (kinds.size > 1) {
    throw invalid('Inside anything but list, either all values are number or string, mixed type is not supported')
  }
  const refused = new Set(values)
  return (value) => refused.has(value)
}

function edges(by: 'prefix' | 'suffix', texts: readonly unknown[]): (value: Scalar) => boolean {
  const has = by === 'prefix' ? 'startsWith' : 'endsWith'
  const checked = texts.map((text) => {
    if (typeof text === 'object' && text !== null) throw invalid(shape)
    if (typeof text !== 'string') throw invalid('prefix/suffix match pattern must be a string')
    if (text === '') throw invalid('Null prefix/suffix not allowed')
    return text
  })
  return (value) => typeof value === 'string' && checked.some((text) => value[has](text))
}

function folded(texts: readonly unknown[]): (value: Scalar) => boolean {
  const checked = texts.map((text) => {
    if (typeof text === 'string') return text.toLowerCase()
    throw invalid('Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.')
  })
  return (value) => typeof value === 'string' && checked.includes(value.toLowerCase())
}
