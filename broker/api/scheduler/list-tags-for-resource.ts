import { awsOperation } from '../aws/operation.ts'
import { groupOfArn } from './groups.ts'
import { resourceArn } from './members.ts'

/** The tags of a group. */
export const listTagsForResource = awsOperation({
  name: 'ListTagsForResource',
  http: { method: 'GET', path: '/tags/{ResourceArn}' },
  input: { ResourceArn: resourceArn },
  run({ schedules }, input) {
    const { tags } = schedules.groups.get(groupOfArn(input.ResourceArn))
    return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }
  },
})
