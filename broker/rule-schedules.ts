import type { Clock } from './clock.ts'
import type { RuleSchedules } from './modes/bus-rules.ts'
import { TimedCall } from './modes/timed-call.ts'
import type { Timetable } from './modes/timetable.ts'
import { MillraceError } from './wire/errors.ts'
import { ScheduleExpression } from './wire/schedule-expression.ts'

/** Has rules with a schedule fire by the timetable that schedules are in. */
export function ruleSchedulesIn(timetable: Timetable, clock: Clock): RuleSchedules {
  return {
    isSchedule(text) {
      try {
        expressionOf(text)
        return true
      } catch (error) {
        if (error instanceof MillraceError && error.code === 'schedule_invalid') return false
        throw error
      }
    },
    begin({ expression, ...call }) {
      return new TimedCall(timetable, clock.now(), { ...call, expression: expressionOf(expression) })
    },
  }
}

/** Rules have no time zones. */
function expressionOf(text: string): ScheduleExpression {
  return ScheduleExpression.parse(text, 'UTC', 'rule')
}
