import { awsOperation } from '../aws/operation.ts'
import { groupArn, tagsIn } from './groups.ts'
import { clientToken, name, tags } from './members.ts'

/** Makes a group, so that its schedules can be deleted together. */
export const createScheduleGroup = awsOperation({
  name: 'CreateScheduleGroup',
  http: { method: 'POST', path: '/schedule-groups/{Name}' },
  input: { Name: name, Tags: tags, ClientToken: clientToken },
  async run({ schedules }, input, { region, account }) {
    const { ClientToken: token } = input
    const group = await schedules.groups.create({
      name: input.Name,
      tags: tagsIn(input.Tags ?? []),
      region,
      account,
      ...(token === undefined ? {} : { token }),
    })
    return { ScheduleGroupArn: groupArn(group) }
  },
})
