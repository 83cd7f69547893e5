/** What one of a cron expression's fields may have. */
export interface CronField {
  readonly name: string
  readonly min: number
  readonly max: number
  /** What its values are called, from `min` on. */
  readonly names?: readonly string[]
}

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

export const cronFields = {
  minute: { name: 'minutes', min: 0, max: 59 },
  hour: { name: 'hours', min: 0, max: 23 },
  dayOfMonth: { name: 'day of month', min: 1, max: 31 },
  month: { name: 'month', min: 1, max: 12, names: months },
  dayOfWeek: { name: 'day of week', min: 1, max: 7, names: weekdays },
  year: { name: 'year', min: 1970, max: 2199 },
} as const satisfies Record<string, CronField>

/** A field that cannot be read; the text says why. */
export class CronProblem extends Error {}

/** The values of a field without the letters of days: `*`, `a`, `a-b`, and each with `/step`, joined by commas; in order. */
export function valuesIn(text: string, field: CronField): readonly number[] {
  if (text === '*') return allIn(field)
  const values = new Set<number>()
  for (const item of text.split(',')) for (const value of itemOf(item, field)) values.add(value)
  return [...values].sort((a, b) => a - b)
}

const wholes = new Map<CronField, readonly number[]>()

/** All values of a field: the same list for everybody, since a year has many. */
function allIn(field: CronField): readonly number[] {
  let all = wholes.get(field)
  if (all === undefined) {
    all = itemOf('*', field)
    wholes.set(field, all)
  }
  return all
}

/** A single value, as a number or a name. */
export function valueIn(text: string, field: CronField): number {
  const named = field.names?.indexOf(text.toUpperCase()) ?? -1
  if (named >= 0) return named + field.min
  const value = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN
  if (value >= field.min && value <= field.max) return value
  throw new CronProblem(`has ${JSON.stringify(text)} as its ${field.name}: ${field.min} to ${field.max} will do`)
}

function itemOf(item: string, field: CronField): number[] {
  const [range = '', step, ...more] = item.split('/')
  if (more.length > 0) throw new CronProblem(`has more than one step in its ${field.name}`)
  const by = step === undefined ? 1 : stepOf(step, field)
  const [from, to] = rangeOf(range, step !== undefined, field)
  const values: number[] = []
  // A range that ends before it begins goes over the end, as FRI-MON does.
  const length = to >= from ? to - from : to - from + (field.max - field.min + 1)
  for (let i = 0; i <= length; i += by) {
    const value = from + i
    values.push(value > field.max ? value - (field.max - field.min + 1) : value)
  }
  return values
}

function rangeOf(range: string, stepped: boolean, field: CronField): [number, number] {
  if (range === '*') return [field.min, field.max]
  const [from = '', to, ...more] = range.split('-')
  if (more.length > 0) throw new CronProblem(`has ${JSON.stringify(range)} as its ${field.name}`)
  const first = valueIn(from, field)
  // 0/15: from 0 on.
  if (to === undefined) return [first, stepped ? field.max : first]
  const last = valueIn(to, field)
  if (last < first && field.max > 2_000) throw new CronProblem('has a range of years that ends before it begins')
  return [first, last]
}

function stepOf(text: string, field: CronField): number {
  const step = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (step >= 1) return step
  throw new CronProblem(`has ${JSON.stringify(text)} as the step of its ${field.name}`)
}
