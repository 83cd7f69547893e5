import { MillraceError } from '../errors.ts'

/** A change of a zone's clocks. */
interface Transition {
  readonly at: number
  /** What clocks show is UTC and this, in milliseconds, from `at` on. */
  readonly offset: number
}

const dayMillis = 86_400_000
/** Nowhere do clocks change twice in so short a time. */
const stepMillis = 6 * dayMillis
/** More than any zone is away from UTC, and than any ever jumped in a day. */
const reachMillis = 27 * 3_600_000

/**
 * A time zone of the IANA database, as the JavaScript engine has it. What clocks show is written as the milliseconds since 1970 that a
 * clock in UTC would show it at. Asking the engine is slow, so the changes of each year are found once.
 */
export class TimeZone {
  static readonly #zones = new Map<string, TimeZone>()
  readonly name: string
  /** Undefined for UTC, of which nothing has to be asked. */
  readonly #format: Intl.DateTimeFormat | undefined
  /** By year: the offset it begins with, and the changes in it. */
  readonly #years = new Map<number, { readonly offset: number; readonly transitions: readonly Transition[] }>()

  private constructor(name: string, format: Intl.DateTimeFormat | undefined) {
    this.name = name
    this.#format = format
  }

  /** @throws time_zone_unknown */
  static named(name: string): TimeZone {
    let zone = TimeZone.#zones.get(name)
    if (zone === undefined) {
      zone = new TimeZone(name, name === 'UTC' ? undefined : formatOf(name))
      TimeZone.#zones.set(name, zone)
    }
    return zone
  }

  /** How far its clocks are ahead of UTC at `instant`, milliseconds. */
  offsetAt(instant: number): number {
    if (this.#format === undefined) return 0
    const { offset, transitions } = this.#year(new Date(instant).getUTCFullYear())
    let found = offset
    for (const transition of transitions) if (transition.at <= instant) found = transition.offset
    return found
  }

  /** When its clocks show `local` for the first time; undefined when they never do, since they were put forward over it. */
  instantOf(local: number): number | undefined {
    if (this.#format === undefined) return local
    const candidates = [this.offsetAt(local - reachMillis), this.offsetAt(local), this.offsetAt(local + reachMillis)]
    let first: number | undefined
    for (const offset of candidates) {
      const instant = local - offset
      if (this.offsetAt(instant) === offset && (first === undefined || instant < first)) first = instant
    }
    return first
  }

  #year(year: number): { readonly offset: number; readonly transitions: readonly Transition[] } {
    const known = this.#years.get(year)
    if (known !== undefined) return known
    const found = this.#transitions(Date.UTC(year), Date.UTC(year + 1))
    this.#years.set(year, found)
    return found
  }

  #transitions(from: number, to: number): { readonly offset: number; readonly transitions: readonly Transition[] } {
    const offset = this.#ask(from)
    const transitions: Transition[] = []
    let before = offset
    for (let start = from; start < to; start += stepMillis) {
      const end = Math.min(start + stepMillis, to)
      const after = this.#ask(end - 1)
      if (after !== before) transitions.push({ at: this.#change(start, end - 1, before), offset: after })
      before = after
    }
    return { offset, transitions }
  }

  /** The first instant after `low`, and not after `high`, at which the offset is not `before` any more. */
  #change(low: number, high: number, before: number): number {
    let same = Math.floor(low / 1000)
    let other = Math.ceil(high / 1000)
    while (other - same > 1) {
      const middle = Math.floor((same + other) / 2)
      if (this.#ask(middle * 1000) === before) same = middle
      else other = middle
    }
    return other * 1000
  }

  #ask(instant: number): number {
    const text =
      (this.#format as Intl.DateTimeFormat).formatToParts(instant).find(({ type }) => type === 'timeZoneName')?.value ??
      ''
    const [, sign, hours = '0', minutes = '0', seconds = '0'] = /GMT([+-])(\d+):?(\d+)?:?(\d+)?/.exec(text) ?? []
    const millis = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000
    return sign === '-' ? -millis : millis
  }
}

function formatOf(name: string): Intl.DateTimeFormat {
  // Offsets such as +01:00 are taken by some engines and are no zones.
  if (/^[A-Za-z][A-Za-z0-9_+/-]{0,49}$/.test(name)) {
    try {
      return new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })
    } catch (cause) {
      throw new MillraceError('time_zone_unknown', { zone: name }, cause)
    }
  }
  throw new MillraceError('time_zone_unknown', { zone: name.slice(0, 50) })
}
