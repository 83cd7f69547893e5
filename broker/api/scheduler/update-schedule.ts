import { scheduleArn } from '../../modes/schedule-record.ts'
import { awsOperation } from '../aws/operation.ts'
import { scheduleMembers } from './members.ts'
import { settingsIn } from './schedule.ts'

/** Puts what it says in the place of all that a schedule has: what it leaves out has its default again. */
export const updateSchedule = awsOperation({
  name: 'UpdateSchedule',
  http: { method: 'PUT', path: '/schedules/{Name}' },
  input: scheduleMembers,
  async run({ schedules, limits }, input, context) {
    const id = { group: input.GroupName ?? 'default', name: input.Name }
    settingsIn(input, context, limits)
    const record = await schedules.update(id, (there) => settingsIn(input, there, limits))
    return { ScheduleArn: scheduleArn(record) }
  },
})
