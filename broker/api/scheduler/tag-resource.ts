import { awsOperation } from '../aws/operation.ts'
import { groupOfArn, tagsIn } from './groups.ts'
import { resourceArn, tags } from './members.ts'

/** Adds tags to a group. */
export const tagResource = awsOperation({
  name: 'TagResource',
  http: { method: 'POST', path: '/tags/{ResourceArn}' },
  input: { ResourceArn: resourceArn, Tags: { ...tags, required: true } },
  async run({ schedules }, input) {
    const added = tagsIn(input.Tags)
    await schedules.groups.tag(groupOfArn(input.ResourceArn), (there) => ({ ...there, ...added }))
    return {}
  },
})
