import { nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { describeSchedule } from './schedule-description.ts'
import { groupIn } from './schedule-group.ts'

/** A schedule, when it fires next, and how it fared. */
export const getSchedule: CallOperation = {
  method: 'GET',
  path: '/v1/schedules/{schedule}',
  async run({ schedules }, request) {
    const record = await schedules.get({ group: groupIn(request), name: nameIn(request.params, 'schedule') })
    return { body: describeSchedule(schedules, record) }
  },
}
