import { awsOperation } from '../aws/operation.ts'
import { clientToken, name } from './members.ts'

/** Deletes a group and all its schedules; they are gone when it answers. */
export const deleteScheduleGroup = awsOperation({
  name: 'DeleteScheduleGroup',
  http: { method: 'DELETE', path: '/schedule-groups/{Name}' },
  input: { Name: name, ClientToken: { ...clientToken, at: 'query', as: 'clientToken' } },
  async run({ schedules }, input) {
    await schedules.deleteGroup(input.Name)
    return {}
  },
})
