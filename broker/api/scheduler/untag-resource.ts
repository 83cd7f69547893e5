import { awsOperation } from '../aws/operation.ts'
import { groupOfArn } from './groups.ts'
import { resourceArn } from './members.ts'

/** Removes tags from a group. */
export const untagResource = awsOperation({
  name: 'UntagResource',
  http: { method: 'DELETE', path: '/tags/{ResourceArn}' },
  input: {
    ResourceArn: resourceArn,
    TagKeys: { type: 'list', required: true, at: 'query', of: { type: 'string', min: 1, max: 128 }, min: 0, max: 50 },
  },
  async run({ schedules }, input) {
    await schedules.groups.tag(groupOfArn(input.ResourceArn), (there) =>
      Object.fromEntries(Object.entries(there).filter(([key]) => !input.TagKeys.includes(key))),
    )
    return {}
  },
})
