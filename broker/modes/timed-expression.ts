import type { ScheduleExpression } from '../wire/schedule-expression.ts'

/** When something happens: an expression, and what bounds it. */
export interface Times {
  readonly expression: ScheduleExpression
  /** What a rate counts from; of no matter to others. */
  readonly anchor: number | undefined
  /** Nothing behind this instant. */
  readonly end: number | undefined
  /** What was missed, since the broker was down or the machine slept, happens late if it is not later than this. */
  readonly lateMillisMax: number
}

/** The first instant behind `after`; Infinity when there is none. */
export function nextInstant({ expression, anchor = 0, end = Number.POSITIVE_INFINITY }: Times, after: number): number {
  const next = expression.next(after, anchor)
  return next === undefined || next > end ? Number.POSITIVE_INFINITY : next
}

/**
 * The instant behind `after` that is to happen first, at `now` at the earliest when it was missed: of those missed the last one, unless that is
 * too long ago. What happens once only happens however late.
 */
export function dueInstant(times: Times, after: number, now: number): number {
  const next = nextInstant(times, after)
  const { expression, anchor = 0, end = now, lateMillisMax } = times
  if (next > now || expression.kind === 'at') return next
  const last = expression.last(next - 1, Math.min(now, end), anchor) ?? next
  return now - last > lateMillisMax ? nextInstant(times, now) : last
}
