import { awsOperation } from '../aws/operation.ts'
import { clientToken, groupName, name } from './members.ts'

/** Deletes a schedule; what it gave to its target already is still delivered. */
export const deleteSchedule = awsOperation({
  name: 'DeleteSchedule',
  http: { method: 'DELETE', path: '/schedules/{Name}' },
  input: {
    Name: name,
    GroupName: { ...groupName, at: 'query', as: 'groupName' },
    ClientToken: { ...clientToken, at: 'query', as: 'clientToken' },
  },
  async run({ schedules }, input) {
    await schedules.delete({ group: input.GroupName ?? 'default', name: input.Name })
    return {}
  },
})
