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

/** When a schedule fires: what many of them have in common, and then share. */
export interface SchedulePlan extends Times {
  readonly windowMillis: number
  readonly paused: boolean
}

export function planOf(record: ScheduleRecord, expression: ScheduleExpression): SchedulePlan {
  const { kind } = expression
  return {
    expression,
    anchor: kind === 'rate' ? record.anchor : undefined,
    end: kind === 'at' ? undefined : record.end,
    lateMillisMax: record.target.ageMillisMax,
    windowMillis: record.windowMillis,
    paused: record.paused,
  }
}

/** What is kept in memory of a schedule, since there may be a hundred thousand: when it fires, and no more. */
export class ScheduleEntry implements Timed {
  readonly id: string
  readonly order: number
  place = -1
  due = Number.POSITIVE_INFINITY
  /** How long after the time that it stands for it is due, in seconds. */
  #waitSeconds = 0
  readonly #createdAt: number
  readonly #owner: EntryOwner
  readonly #plan: SchedulePlan

  constructor(owner: EntryOwner, order: number, record: ScheduleRecord, plan: SchedulePlan) {
    this.id = scheduleId(record)
    this.order = order
    this.#createdAt = record.createdAt
    this.#owner = owner
    this.#plan = plan
  }

  /** The schedule's id and when it was made: another one of that name is not this one. */
  get key(): string {
    return `${this.id}@${this.#createdAt.toString(36)}`
  }

  get paused(): boolean {
    return this.#plan.paused
  }

  /** The time that `due` stands for; later than that by what its window says. */
  get instant(): number {
    return this.due - this.#waitSeconds * 1000
  }

  /** Finds out when it fires first, when it fired for `position` last. */
  begin(record: ScheduleRecord, position: number | undefined, now: number): void {
    if (this.paused) return
    const from = beginningOf(record, this.#plan.expression)
    this.#move(dueInstant(this.#plan, Math.max(from, position ?? from), now))
  }

  /** @throws schedule_invalid for a time that clocks never show */
  requireEver({ expression: text, timeZone }: ScheduleRecord): void {
    const { expression } = this.#plan
    if (expression.kind !== 'at' || expression.next(Number.NEGATIVE_INFINITY, 0) !== undefined) return
    const reason = `names a time that clocks in ${timeZone} are put forward over`
    throw new MillraceError('schedule_invalid', { expression: text, reason })
  }

  occur(now: number): Occurrence | undefined {
    const instant = dueInstant(this.#plan, this.instant - 1, Math.max(this.instant, now - this.#plan.windowMillis))
    if (instant > now) {
      this.#move(instant)
      return undefined
    }
    this.#move(nextInstant(this.#plan, instant))
    return this.#owner.happen(this, instant)
  }

  /** The next `count` times it fires at, windows left out. */
  upcoming(count: number): number[] {
    const instants: number[] = []
    for (let next = this.instant; next !== Number.POSITIVE_INFINITY && instants.length < count; ) {
      instants.push(next)
      next = nextInstant(this.#plan, next)
    }
    return instants
  }

  #move(instant: number): void {
    this.#waitSeconds = this.#wait(instant)
    this.due = instant + this.#waitSeconds * 1000
  }

  /** Where in its window it fires: what looks random, and is the same after a restart. */
  #wait(instant: number): number {
    const { windowMillis } = this.#plan
    if (windowMillis < 1_000 || instant === Number.POSITIVE_INFINITY) return 0
    return crc32(Buffer.from(`${this.key} ${instant}`)) % Math.floor(windowMillis / 1000)
  }
}

/** The schedule's id in the key of an entry. */
export function idOfKey(key: string): string {
  return key.slice(0, key.lastIndexOf('@'))
}

/** The instant behind which a schedule fires. */
function beginningOf({ start = 0, anchor, modifiedAt }: ScheduleRecord, { kind }: ScheduleExpression): number {
  // What is to happen once happens, also when its time is past already.
  if (kind === 'at') return Number.NEGATIVE_INFINITY
  // A rate begins at once; it counts from its start, and makes nothing of what would have been before it was made.
  if (kind === 'rate') return Math.max(anchor, modifiedAt) - 1
  return Math.max(modifiedAt, start - 1)
}
