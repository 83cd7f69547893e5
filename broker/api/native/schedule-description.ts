import { type ScheduleRecord, type ScheduleTarget, scheduleArn } from '../../modes/schedule-record.ts'
import type { Schedules } from '../../modes/schedules.ts'
import { schedulePlaceOf } from '../../schedule-places.ts'
import type { ScheduleDescription, ScheduleTargetDescription } from '../../wire/schedule-description.ts'

/** Firings that are told of ahead. */
const upcoming = 5

export function describeSchedule(schedules: Schedules, record: ScheduleRecord): ScheduleDescription {
  const { anchor: _, token: __, kmsKeyArn: ___, region: ____, account: _____, target, ...told } = record
  const { last, lastError } = schedules.status(record)
  const { input, retriesMax, ageMillisMax, deadLetter } = target
  const letters = deadLetter === undefined ? undefined : schedulePlaceOf(deadLetter)
  return {
    ...told,
    arn: scheduleArn(record),
    target: targetOf(target),
    ...(input === undefined ? {} : { input }),
    retry: { retriesMax, ageMillisMax },
    ...(letters?.kind === 'queue' ? { deadLetter: { queue: letters.name } } : {}),
    next: schedules.upcoming(record, upcoming),
    ...(last === undefined ? {} : { last }),
    ...(lastError === undefined ? {} : { lastError }),
  }
}

function targetOf({ arn, messageGroup, partitionKey, event }: ScheduleTarget): ScheduleTargetDescription {
  const place = schedulePlaceOf(arn)
  switch (place?.kind) {
    case 'function': {
      const { name, qualifier } = place
      return qualifier === undefined ? { function: name } : { function: name, qualifier }
    }
    case 'queue':
      return { queue: place.name, ...(messageGroup === undefined ? {} : { messageGroup }) }
    case 'stream':
      return { stream: place.name, key: partitionKey ?? '' }
    case 'bus':
      return { bus: place.name, source: event?.source ?? '', detailType: event?.detailType ?? '' }
    case 'topic':
      return { topic: arn.slice(arn.lastIndexOf(':') + 1) }
    case 'call':
      return { call: `${place.service}:${place.action}` }
    default:
      return { http: arn }
  }
}
