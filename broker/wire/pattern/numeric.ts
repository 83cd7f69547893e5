import { invalid } from './invalid.ts'
import type { Test } from './tree.ts'

const lowerBounds = ['>', '>=']
const upperBounds = ['<', '<=']

/** `{"numeric": [">", 0, "<=", 5]}`: one bound or two, the lower one first, or `["=", 5]`. Strings never match. */
export function numeric(argument: unknown): Test {
  if (!Array.isArray(argument)) throw invalid('Value of numeric must be an array.')
  if (argument.length === 0) throw invalid('Invalid member in numeric match: ]')
  const terms: { operator: string; bound: number }[] = []
  for (let i = 0; i < argument.length; i += 2) terms.push(termAt(argument, i))
  const [first, second, ...more] = terms as [(typeof terms)[number], (typeof terms)[number]?, ...typeof terms]
  requireOrder(first.operator, second?.operator)
  if (more.length > 0) throw invalid('Too many elements in numeric expression')
  if (first.operator === '=') {
    return {
      matches: (value) => value === first.bound,
      handle: { by: 'value', value: first.bound },
    }
  }
  const low = terms.find(({ operator }) => lowerBounds.includes(operator))
  const high = terms.find(({ operator }) => upperBounds.includes(operator))
  if (low !== undefined && high !== undefined && low.bound >= high.bound) throw invalid('Bottom must be less than top')
  return {
    matches: (value) => typeof value === 'number' && isAbove(value, low) && isBelow(value, high),
    handle: {
      by: 'interval',
      low: low?.bound ?? Number.NEGATIVE_INFINITY,
      high: high?.bound ?? Number.POSITIVE_INFINITY,
    },
  }
}

function termAt(values: readonly unknown[], at: number): { operator: string; bound: number } {
  const operator = values[at]
  if (typeof operator !== 'string') throw invalid(`Invalid member in numeric match: ${String(operator)}`)
  if (![...lowerBounds, ...upperBounds, '='].includes(operator)) {
    throw invalid(`Unrecognized numeric range operator: ${operator}`)
  }
  const bound = values[at + 1]
  if (typeof bound !== 'number') throw invalid(`Value of ${operator === '=' ? 'equals' : operator} must be numeric`)
  return { operator, bound }
}

/** An upper bound or an equality stands alone; a lower bound may be followed by an upper one. */
function requireOrder(first: string, second: string | undefined): void {
  if (second === undefined) return
  if (!lowerBounds.includes(first)) throw invalid('Too many terms in numeric range expression')
  if (!upperBounds.includes(second)) throw invalid(`Bad numeric range operator: ${second}`)
}

function isAbove(value: number, term: { operator: string; bound: number } | undefined): boolean {
  if (term === undefined) return true
  return term.operator === '>' ? value > term.bound : value >= term.bound
}

function isBelow(value: number, term: { operator: string; bound: number } | undefined): boolean {
  if (term === undefined) return true
  return term.operator === '<' ? value < term.bound : value <= term.bound
}
