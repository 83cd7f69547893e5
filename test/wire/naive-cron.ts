import * as fc from 'fast-check'

const names = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

const value = (min: number, max: number) => fc.integer({ min, max })

/** A field of values: one, a range, steps, or a list of those. */
function anyField(min: number, max: number, named?: readonly string[]): fc.Arbitrary<string> {
  const one = value(min, max).chain((number) =>
    named === undefined ? fc.constant(`${number}`) : fc.constantFrom(`${number}`, named[number - min] as string),
  )
  const range = fc.tuple(value(min, max), value(min, max)).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`)
  const step = fc.tuple(fc.oneof(fc.constant('*'), one, range), value(1, max)).map(([from, by]) => `${from}/${by}`)
  const item = fc.oneof(one, range, step)
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant('*') },
    { weight: 3, arbitrary: one },
    { weight: 2, arbitrary: item },
    { weight: 1, arbitrary: fc.array(item, { minLength: 2, maxLength: 3 }).map((items) => items.join(',')) },
  )
}

const anyDays = fc.oneof(
  fc.tuple(anyField(1, 31), fc.constant('?')),
  fc.tuple(
    fc.oneof(
      fc.constant('L'),
      fc.constant('LW'),
      value(0, 5).map((n) => `L-${n}`),
      value(1, 31).map((n) => `${n}W`),
    ),
    fc.constant('?'),
  ),
  fc.tuple(fc.constant('?'), anyField(1, 7, weekdays)),
  fc.tuple(
    fc.constant('?'),
    fc
      .tuple(value(1, 7), value(1, 5))
      .chain(([n, k]) => fc.constantFrom(`${n}L`, `${weekdays[n - 1]}#${k}`, `${n}#${k}`, 'L')),
  ),
)

/** The six fields of a cron expression. */
export const anyCron: fc.Arbitrary<string> = fc
  .tuple(
    anyField(0, 59),
    anyField(0, 23),
    anyDays,
    anyField(1, 12, names),
    fc.constantFrom('*', '*', '2027-2028', '2028', '2027/2'),
  )
  .map(([minute, hour, [ofMonth, ofWeek], month, year]) => [minute, hour, ofMonth, month, ofWeek, year].join(' '))

/** Whether a time is meant: each field is looked at by itself, in as simple a way as can be. */
export function cronMatches(cron: string, local: Date): boolean {
  const [minute = '', hour = '', ofMonth = '', month = '', ofWeek = '', year = ''] = cron.split(' ')
  return (
    matches(minute, local.getUTCMinutes(), 0, 59) &&
    matches(hour, local.getUTCHours(), 0, 23) &&
    matches(month, local.getUTCMonth() + 1, 1, 12, names) &&
    matches(year, local.getUTCFullYear(), 1970, 2199) &&
    (ofMonth === '?' || dayMatches(ofMonth, local)) &&
    (ofWeek === '?' || weekdayMatches(ofWeek, local))
  )
}

function matches(field: string, given: number, min: number, max: number, named: readonly string[] = []): boolean {
  return field.split(',').some((item) => {
    const [range = '', step] = item.split('/')
    const number = (text: string) => (named.includes(text) ? named.indexOf(text) + min : Number(text))
    const [from, to] = range === '*' ? [min, max] : range.split('-').map(number)
    const first = from as number
    const last = to ?? (step === undefined ? first : max)
    return given >= first && given <= last && (given - first) % Number(step ?? 1) === 0
  })
}

const dayMillis = 86_400_000
const plus = (date: Date, days: number) => new Date(date.getTime() + days * dayMillis)
const sameMonth = (a: Date, b: Date) => a.getUTCMonth() === b.getUTCMonth()
const isWorkday = (date: Date) => date.getUTCDay() >= 1 && date.getUTCDay() <= 5

function dayMatches(field: string, date: Date): boolean {
  const back = /^L(?:-(\d+))?$/.exec(field)
  if (back !== null) {
    const days = Number(back[1] ?? 0)
    return sameMonth(plus(date, days), date) && !sameMonth(plus(date, days + 1), date)
  }
  if (field === 'LW') {
    // A weekday, and no other one is left in the month.
    return (
      isWorkday(date) && ![1, 2, 3].some((days) => sameMonth(plus(date, days), date) && isWorkday(plus(date, days)))
    )
  }
  const near = /^(\d+)W$/.exec(field)
  if (near === null) return matches(field, date.getUTCDate(), 1, 31)
  if (!isWorkday(date)) return false
  const wanted = plus(date, Number(near[1]) - date.getUTCDate())
  if (!sameMonth(wanted, date)) return false
  // The weekday of this month that is nearest: a day before goes before a day behind.
  const nearest = [0, -1, 1, -2, 2]
    .map((days) => plus(wanted, days))
    .find((each) => sameMonth(each, date) && isWorkday(each))
  return nearest?.getTime() === date.getTime()
}

function weekdayMatches(field: string, date: Date): boolean {
  const weekday = date.getUTCDay() + 1
  const number = (text: string) => (weekdays.includes(text) ? weekdays.indexOf(text) + 1 : Number(text))
  if (field === 'L') return weekday === 7
  const last = /^(\d)L$/.exec(field)
  if (last !== null) return weekday === Number(last[1]) && !sameMonth(plus(date, 7), date)
  const [name = '', nth] = field.split('#')
  if (nth !== undefined) return weekday === number(name) && Math.ceil(date.getUTCDate() / 7) === Number(nth)
  return matches(field, weekday, 1, 7, weekdays)
}
