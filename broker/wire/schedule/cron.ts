import { type DaysOf, daysOf } from './cron-days.ts'
import { CronProblem, cronFields, valuesIn } from './cron-field.ts'
import type { TimeZone } from './time-zone.ts'

const minuteMillis = 60_000
/** Clocks that were put back a day, and a minute for each that is shown twice. */
const repeatsMax = 2 * 24 * 60

interface Fields {
  readonly minutes: readonly number[]
  readonly hours: readonly number[]
  readonly days: DaysOf
  readonly months: readonly number[]
  readonly years: readonly number[]
}

/** The six fields of a cron expression: minutes, hours, day of month, month, day of week (1 is Sunday), year. */
export class Cron {
  readonly #fields: Fields

  private constructor(fields: Fields) {
    this.#fields = fields
  }

  /** Reads the fields; a text says what is wrong with them. */
  static parse(text: string): Cron | string {
    const [minute = '', hour = '', ofMonth = '', month = '', ofWeek = '', year = ''] = text.split(' ')
    if (text.split(' ').length !== 6) return 'must have six fields, with one space between each two'
    try {
      return new Cron({
        minutes: valuesIn(minute, cronFields.minute),
        hours: valuesIn(hour, cronFields.hour),
        days: daysOf(ofMonth, ofWeek),
        months: valuesIn(month, cronFields.month),
        years: valuesIn(year, cronFields.year),
      })
    } catch (error) {
      if (error instanceof CronProblem) return error.message
      throw error
    }
  }

  /** The first instant after `after` at which clocks of `zone` show one of its times for the first time. */
  next(after: number, zone: TimeZone): number | undefined {
    let local: number | undefined = after + zone.offsetAt(after)
    for (let i = 0; i < repeatsMax; i++) {
      local = this.#nextLocal(local)
      if (local === undefined) return undefined
      const instant = zone.instantOf(local)
      if (instant !== undefined && instant > after) return instant
    }
    return undefined
  }

  /** The last such instant after `after` and not after `until`. */
  last(after: number, until: number, zone: TimeZone): number | undefined {
    // Looking back in ever larger steps finds one soon, however often or seldom there is one.
    for (let back = minuteMillis; ; back *= 4) {
      const from = Math.max(after, until - back)
      let found: number | undefined
      for (let next = this.next(from, zone); next !== undefined && next <= until; next = this.next(next, zone))
        found = next
      if (found !== undefined || from === after) return found
    }
  }

  /** The first time after `after` that it means, both as clocks show them. */
  #nextLocal(after: number): number | undefined {
    const from = new Date(Math.floor(after / minuteMillis) * minuteMillis + minuteMillis)
    const { years, months, days } = this.#fields
    const start = { year: from.getUTCFullYear(), month: from.getUTCMonth() + 1, day: from.getUTCDate() }
    for (const year of years) {
      if (year < start.year) continue
      for (const month of months) {
        if (year === start.year && month < start.month) continue
        const isFirst = year === start.year && month === start.month
        for (const day of days(year, month)) {
          if (isFirst && day < start.day) continue
          const isToday = isFirst && day === start.day
          const minute = this.#minuteOfDay(isToday ? from.getUTCHours() * 60 + from.getUTCMinutes() : 0)
          if (minute !== undefined) return Date.UTC(year, month - 1, day, 0, minute)
        }
      }
    }
    return undefined
  }

  /** The first of its times of day that is not before `from`, in minutes. */
  #minuteOfDay(from: number): number | undefined {
    for (const hour of this.#fields.hours) {
      if (hour * 60 + 59 < from) continue
      for (const minute of this.#fields.minutes) if (hour * 60 + minute >= from) return hour * 60 + minute
    }
    return undefined
  }
}
