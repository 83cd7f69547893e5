import { awsOperation } from '../aws/operation.ts'
import { describeGroup } from './groups.ts'
import { name } from './members.ts'

/** A group. */
export const getScheduleGroup = awsOperation({
  name: 'GetScheduleGroup',
  http: { method: 'GET', path: '/schedule-groups/{Name}' },
  input: { Name: name },
  run({ schedules }, input) {
    return describeGroup(schedules.groups.get(input.Name))
  },
})
