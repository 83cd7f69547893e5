import { awsOperation } from '../aws/operation.ts'
import { groupName, name } from './members.ts'
import { describeSchedule } from './schedule.ts'

/** All that a schedule has. */
export const getSchedule = awsOperation({
  name: 'GetSchedule',
  http: { method: 'GET', path: '/schedules/{Name}' },
  input: { Name: name, GroupName: { ...groupName, at: 'query', as: 'groupName' } },
  async run({ schedules }, input) {
    return describeSchedule(await schedules.get({ group: input.GroupName ?? 'default', name: input.Name }))
  },
})
