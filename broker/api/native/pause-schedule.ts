import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { describeSchedule } from './schedule-description.ts'
import { groupIn } from './schedule-group.ts'

/** Stops a schedule, or lets it go on: `{paused}`. What would have been meanwhile is not made up for. */
export const pauseSchedule: CallOperation = {
  method: 'PATCH',
  path: '/v1/schedules/{schedule}',
  async run({ schedules }, request) {
    const id = { group: groupIn(request), name: nameIn(request.params, 'schedule') }
    const fields = new Fields(request.body)
    const paused = fields.required('paused', fields.boolean('paused'))
    fields.done()
    return { body: describeSchedule(schedules, await schedules.update(id, (record) => ({ ...record, paused }))) }
  },
}
