import { crc32 } from '../wire/crc32.ts'
import { MillraceError } from '../wire/errors.ts'
import type { ScheduleExpression } from '../wire/schedule-expression.ts'
import { type ScheduleRecord, scheduleId } from './schedule-record.ts'
import { dueInstant, nextInstant, type Times } from './timed-expression.ts'
import type { Occurrence, Timed } from './timetable.ts'

/** What an entry needs of all schedules. */
export interface EntryOwner {
  happen(entry: ScheduleEntry, instant: number): Occurrence
}

/** What is kept in memory of a schedule, since there may be a hundred thousand: when it fires, and no more. */
export class ScheduleEntry implements Timed {
  /** The schedule's id and when it was made: another one of that name is not this one. */
  readonly key: string
  readonly order: number
  readonly paused: boolean
  place = -1
  due = Number.POSITIVE_INFINITY
  /** The time that `due` stands for; later than that by what its window says. */
  instant = Number.POSITIVE_INFINITY
  readonly #owner: EntryOwner
  readonly #times: Times
  readonly #windowMillis: number

  constructor(owner: EntryOwner, order: number, record: ScheduleRecord, expression: ScheduleExpression) {
    this.key = entryKey(record)
    this.order = order
    this.paused = record.paused
    this.#owner = owner
    this.#times = timesOf(record, expression)
    this.#windowMillis = record.windowMillis
  }

  get id(): string {
    return this.key.slice(0, this.key.lastIndexOf('@'))
  }

  /** Finds out when it fires first, when it fired for `position` last. */
  begin(position: number | undefined, now: number): void {
    if (!this.paused) this.#move(dueInstant(this.#times, position, now))
  }

  /** @throws schedule_invalid for a time that clocks never show */
  requireEver({ expression: text, timeZone }: ScheduleRecord): void {
    const { expression, anchor } = this.#times
    if (expression.kind !== 'at' || expression.next(Number.NEGATIVE_INFINITY, anchor) !== undefined) return
    const reason = `names a time that clocks in ${timeZone} are put forward over`
    throw new MillraceError('schedule_invalid', { expression: text, reason })
  }

  occur(now: number): Occurrence | undefined {
    const instant = dueInstant(this.#times, this.instant - 1, Math.max(this.instant, now - this.#windowMillis))
    if (instant > now) {
      this.#move(instant)
      return undefined
    }
    this.#move(nextInstant(this.#times, instant))
    return this.#owner.happen(this, instant)
  }

  /** The next `count` times it fires at, windows left out. */
  upcoming(count: number): number[] {
    const instants: number[] = []
    for (let next = this.instant; next !== Number.POSITIVE_INFINITY && instants.length < count; ) {
      instants.push(next)
      next = nextInstant(this.#times, next)
    }
    return instants
  }

  #move(instant: number): void {
    this.instant = instant
    this.due = instant + this.#wait(instant)
  }

  /** Where in its window it fires: whole seconds that look random, and are the same after a restart. */
  #wait(instant: number): number {
    if (this.#windowMillis === 0 || instant === Number.POSITIVE_INFINITY) return 0
    const seconds = Math.floor(this.#windowMillis / 1000)
    return (crc32(Buffer.from(`${this.key} ${instant}`)) % seconds) * 1000
  }
}

export function entryKey(record: ScheduleRecord): string {
  return `${scheduleId(record)}@${record.createdAt.toString(36)}`
}

function timesOf(record: ScheduleRecord, expression: ScheduleExpression): Times {
  const { start, end = Number.POSITIVE_INFINITY, anchor, modifiedAt, target } = record
  const lateMillisMax = target.ageMillisMax
  const given = { expression, anchor, lateMillisMax }
  // What is to happen once happens, also when its time is past already.
  if (expression.kind === 'at') return { ...given, after: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY }
  // A rate begins at once; it counts from its start, and makes nothing of what would have been before it was made.
  if (expression.kind === 'rate') return { ...given, after: Math.max(anchor, modifiedAt) - 1, end }
  return { ...given, after: Math.max(modifiedAt, (start ?? 0) - 1), end }
}
