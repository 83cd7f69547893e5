import type { MillraceError } from '../wire/errors.ts'
import type { ScheduleExpression } from '../wire/schedule-expression.ts'
import type { Publication } from './publication.ts'
import { dueInstant, nextInstant, type Times } from './timed-expression.ts'
import type { Durable, Occurrence, Timed, Timetable } from './timetable.ts'

/** What was missed by less than this happens late. */
const lateMillisMax = 24 * 60 * 60 * 1000

export interface TimedCallOptions {
  /** Tells it from all others, also from one of the same name that was deleted before. */
  readonly key: string
  readonly expression: ScheduleExpression
  /** What a rate counts from: it happens for the first time one period later. Nothing happens before it. */
  readonly anchor: number
  /** Adds what happens at `instant` to what is published with the note that it did. */
  readonly fire: (instant: number, publication: Publication) => Promise<Durable>
  /** It could not be published, and never will. */
  readonly failed: (error: MillraceError, instant: number) => void
}

/** Has something be published at each instant of an expression: how rules with a schedule come by their events. */
export class TimedCall implements Timed {
  readonly key: string
  readonly order: number
  place = -1
  due: number
  readonly #timetable: Timetable
  readonly #options: TimedCallOptions
  readonly #times: Times

  /** Begins at once. */
  constructor(timetable: Timetable, now: number, options: TimedCallOptions) {
    const { key, expression, anchor } = options
    this.key = key
    this.order = timetable.nextOrder()
    this.#timetable = timetable
    this.#options = options
    this.#times = { expression, anchor, end: undefined, lateMillisMax }
    timetable.calls.add(key)
    this.due = dueInstant(this.#times, Math.max(anchor, timetable.positions.get(key) ?? 0), now)
    timetable.add(this)
  }

  /** Ends it; what was published of it is forgotten. */
  end(): void {
    this.#timetable.remove(this)
    this.due = Number.POSITIVE_INFINITY
    this.#timetable.calls.delete(this.key)
    this.#timetable.positions.forget(this.key)
  }

  occur(now: number): Occurrence | undefined {
    const instant = dueInstant(this.#times, this.due - 1, now)
    const { fire, failed } = this.#options
    if (instant > now) {
      this.due = instant
      return undefined
    }
    this.due = nextInstant(this.#times, instant)
    return {
      instant,
      publish: (publication) => fire(instant, publication),
      failed: (error) => failed(error, instant),
    }
  }
}
