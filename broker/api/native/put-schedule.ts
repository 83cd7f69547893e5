import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { describeSchedule } from './schedule-description.ts'
import { groupIn } from './schedule-group.ts'
import { scheduleIn } from './schedule-settings.ts'

/**
 * Makes a schedule, or puts these settings in the place of all that one has.
 * @throws schedule_invalid, time_zone_unknown, schedule_target, schedule_group_not_found, limit_exceeded
 */
export const putSchedule: CallOperation = {
  method: 'PUT',
  path: '/v1/schedules/{schedule}',
  async run({ schedules, limits }, request) {
    const id = { group: groupIn(request), name: nameIn(request.params, 'schedule') }
    const fields = new Fields(request.body)
    const settings = scheduleIn(id.group, id.name, fields, limits)
    fields.done()
    const isThere = await schedules.has(id)
    const record = isThere ? await schedules.update(id, () => settings) : await schedules.create(settings)
    return { status: isThere ? 200 : 201, body: describeSchedule(schedules, record) }
  },
}
