import type { ScheduleExpression } from '../wire/schedule-expression.ts'

/** When something happens: an expression, and what bounds it. */
export interface Times {
  readonly expression: ScheduleExpression
  /** What a rate counts from. */
  readonly anchor: number
  /** Nothing at this instant or before it. */
  readonly after: number
  /** Nothing behind this instant. */
  readonly end: number
  /** What was missed, since the broker was down or the machine slept, happens late if it is not later than this. */
  readonly lateMillisMax: number
}

/** The first instant behind `position`; Infinity when there is none. */
export function nextInstant({ expression, anchor, after, end }: Times, position: number | undefined): number {
  const next = expression.next(Math.max(after, position ?? after), anchor)
  return next === undefined || next > end ? Number.POSITIVE_INFINITY : next
}

/**
 * The instant that is to happen first, at `now` at the earliest when it was missed: of those missed the last one, unless that is too long
 * ago. What happens once only happens however late.
 */
export function dueInstant(times: Times, position: number | undefined, now: number): number {
  const next = nextInstant(times, position)
  if (next > now || times.expression.kind === 'at') return next
  const { expression, anchor, end, lateMillisMax } = times
  const last = expression.last(next - 1, Math.min(now, end), anchor) ?? next
  return now - last > lateMillisMax ? nextInstant(times, now) : last
}
