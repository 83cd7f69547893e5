import { CronProblem, cronFields, valueIn, valuesIn } from './cron-field.ts'

/** The days of a month that are meant, in order; month 1 is January. */
export type DaysOf = (year: number, month: number) => number[]

/** Of one item of a list: adds the days it means. */
type AddDays = (add: (day: number) => void, month: MonthShape) => void

/** A month as days see it. */
interface MonthShape {
  readonly length: number
  /** Of its first day: 1 is Sunday. */
  readonly firstWeekday: number
}

/** The days that the two fields for days mean: one of them must be `?`, which says that the other one decides. */
export function daysOf(ofMonth: string, ofWeek: string): DaysOf {
  if ((ofMonth === '?') === (ofWeek === '?')) {
    throw new CronProblem('must have ? as its day of month or as its day of week, and not as both')
  }
  const items = ofMonth === '?' ? ofWeek.split(',').map(weekdayItem) : ofMonth.split(',').map(monthItem)
  return (year, month) => {
    const shape = shapeOf(year, month)
    const days = new Set<number>()
    for (const item of items) item((day) => days.add(day), shape)
    return [...days].filter((day) => day >= 1 && day <= shape.length).sort((a, b) => a - b)
  }
}

/** `L` is the last day, `L-3` three before it, `LW` the last weekday, `15W` the weekday nearest to the 15th of that month. */
function monthItem(item: string): AddDays {
  const field = cronFields.dayOfMonth
  const [, before] = /^L-(\d{1,2})$/.exec(item) ?? []
  if (item === 'L' || before !== undefined) {
    const back = Number(before ?? 0)
    if (back > 30) throw new CronProblem(`has ${JSON.stringify(item)} as its ${field.name}`)
    return (add, { length }) => add(length - back)
  }
  if (item === 'LW') return (add, month) => add(nearestWorkday(month.length, month))
  const [, near] = /^(\d{1,2})W$/.exec(item) ?? []
  if (near !== undefined) {
    const day = valueIn(near, field)
    return (add, month) => {
      if (day <= month.length) add(nearestWorkday(day, month))
    }
  }
  const days = valuesIn(item, field)
  return (add) => days.forEach(add)
}

/** `L` is Saturday, `6L` the last Friday of the month, `SAT#3` its third Saturday. */
function weekdayItem(item: string): AddDays {
  const field = cronFields.dayOfWeek
  if (item === 'L') return (add, month) => weekday(add, month, [7])
  const [, last] = /^(.+)L$/.exec(item) ?? []
  if (last !== undefined) {
    const day = valueIn(last, field)
    return (add, month) => {
      const first = firstOf(day, month)
      add(first + 7 * Math.floor((month.length - first) / 7))
    }
  }
  const [, name, nth] = /^(.+)#([1-5])$/.exec(item) ?? []
  if (name !== undefined) {
    const day = valueIn(name, field)
    return (add, month) => add(firstOf(day, month) + 7 * (Number(nth) - 1))
  }
  const days = valuesIn(item, field)
  return (add, month) => weekday(add, month, days)
}

function weekday(add: (day: number) => void, month: MonthShape, days: readonly number[]): void {
  for (const day of days) for (let each = firstOf(day, month); each <= month.length; each += 7) add(each)
}

/** The first day of the month that is `weekday`. */
function firstOf(weekday: number, { firstWeekday }: MonthShape): number {
  return 1 + ((weekday - firstWeekday + 7) % 7)
}

/** Monday to Friday, as near to `day` as can be without leaving the month. */
function nearestWorkday(day: number, { firstWeekday, length }: MonthShape): number {
  const weekday = ((firstWeekday - 1 + day - 1) % 7) + 1
  if (weekday === 7) return day === 1 ? 3 : day - 1
  if (weekday === 1) return day === length ? day - 2 : day + 1
  return day
}

function shapeOf(year: number, month: number): MonthShape {
  return {
    length: new Date(Date.UTC(year, month, 0)).getUTCDate(),
    firstWeekday: new Date(Date.UTC(year, month - 1, 1)).getUTCDay() + 1,
  }
}
