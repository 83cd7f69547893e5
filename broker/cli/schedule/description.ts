import type { ScheduleDescription } from '../../../client/index.ts'
import { durationText } from '../duration.ts'
import { printJson, printLine } from '../output.ts'
import { table } from '../table.ts'
import { targetText } from '../target.ts'

/** Prints a schedule, and the times it fires at next. */
export async function printSchedule(schedule: ScheduleDescription, json = false): Promise<void> {
  if (json) {
    await printJson(schedule)
    return
  }
  const { name, group, expression, timeZone, windowMillis, retry, deadLetter, next, last, lastError, input } = schedule
  const rows = [
    ['schedule', group === 'default' ? name : `${name}, of group ${group}`],
    ['fires', `${expression}, ${timeZone}${windowMillis === 0 ? '' : `, within ${durationText(windowMillis)}`}`],
    ['target', targetText(schedule.target)],
    ['input', input ?? 'an event that says which schedule fired'],
    ['retries', `${retry.retriesMax} within ${durationText(retry.ageMillisMax)}`],
    ['dead letters', deadLetter === undefined ? 'none' : `to ${deadLetter.queue}`],
    ['state', schedule.paused ? 'paused' : next.length === 0 ? 'done' : 'running'],
    ['last', last === undefined ? 'never' : instantText(last)],
    ...(lastError === undefined ? [] : [['last error', lastError]]),
    ...next.map((instant, i) => [i === 0 ? 'next' : '', instantText(instant)]),
  ]
  await printLine(table([], rows))
}

/** A time to the second, in UTC. */
export function instantText(millis: number): string {
  return `${new Date(millis).toISOString().slice(0, 19).replace('T', ' ')}Z`
}
