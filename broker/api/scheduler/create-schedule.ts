import { scheduleArn } from '../../modes/schedule-record.ts'
import { awsOperation } from '../aws/operation.ts'
import { scheduleMembers } from './members.ts'
import { settingsIn } from './schedule.ts'

/** Makes a schedule. */
export const createSchedule = awsOperation({
  name: 'CreateSchedule',
  http: { method: 'POST', path: '/schedules/{Name}' },
  input: scheduleMembers,
  async run({ schedules, limits }, input, context) {
    const { ClientToken: token } = input
    const settings = settingsIn(input, context, limits)
    const record = await schedules.create(token === undefined ? settings : { ...settings, token })
    return { ScheduleArn: scheduleArn(record) }
  },
})
