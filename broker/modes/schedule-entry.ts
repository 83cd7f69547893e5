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
export class ScheduleEntry implements Timed, Times {
  /** The schedule's id and when it was made: another one of that name is not this one. */
  readonly key: string
  readonly order: number
  readonly paused: boolean
  readonly expression: ScheduleExpression
  readonly anchor: number | undefined
  readonly end: number | undefined
  readonly lateMillisMax: number
  place = -1
  due = Number.POSITIVE_INFINITY
  /** The time that `due` stands for; later than that by what its window says. */
  instant = Number.POSITIVE_INFINITY
  readonly #owner: EntryOwner
  readonly #windowMillis: number

  constructor(owner: EntryOwner, order: number, record: ScheduleRecord, expression: ScheduleExpression) {
    const { kind } = expression
    this.key = entryKey(record)
    this.order = order
    this.paused = record.paused
    this.expression = expression
    this.anchor = kind === 'rate' ? record.anchor : undefined
    this.end = kind === 'at' ? undefined : record.end
    this.lateMillisMax = record.target.ageMillisMax
    this.#owner = owner
    this.#windowMillis = record.windowMillis
  }

  get id(): string {
    return this.key.slice(0, this.key.lastIndexOf('@'))
  }

  /** Finds out when it fires first, when it fired for `position` last. */
  begin(record: ScheduleRecord, position: number | undefined, now: number): void {
    if (this.paused) return
    const from = beginningOf(record, this.expression)
    this.#move(dueInstant(this, Math.max(from, position ?? from), now))
  }

  /** @throws schedule_invalid for a time that clocks never show */
  requireEver({ expression: text, timeZone }: ScheduleRecord): void {
    const { expression } = this
    if (expression.kind !== 'at' || expression.next(Number.NEGATIVE_INFINITY, 0) !== undefined) return
    const reason = `names a time that clocks in ${timeZone} are put forward over`
    throw new MillraceError('schedule_invalid', { expression: text, reason })
  }

  occur(now: number): Occurrence | undefined {
    const instant = dueInstant(this, this.instant - 1, Math.max(this.instant, now - this.#windowMillis))
    if (instant > now) {
      this.#move(instant)
      return undefined
    }
    this.#move(nextInstant(this, instant))
    return this.#owner.happen(this, instant)
  }

  /** The next `count` times it fires at, windows left out. */
  upcoming(count: number): number[] {
    const instants: number[] = []
    for (let next = this.instant; next !== Number.POSITIVE_INFINITY && instants.length < count; ) {
      instants.push(next)
      next = nextInstant(this, next)
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

/** The instant behind which a schedule fires. */
function beginningOf({ start = 0, anchor, modifiedAt }: ScheduleRecord, { kind }: ScheduleExpression): number {
  // What is to happen once happens, also when its time is past already.
  if (kind === 'at') return Number.NEGATIVE_INFINITY
  // A rate begins at once; it counts from its start, and makes nothing of what would have been before it was made.
  if (kind === 'rate') return Math.max(anchor, modifiedAt) - 1
  return Math.max(modifiedAt, start - 1)
}
