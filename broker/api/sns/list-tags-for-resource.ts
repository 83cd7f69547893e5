import { awsOperation } from '../aws/operation.ts'
import { required, tagsOut } from './members.ts'
import { topicAt } from './names.ts'

export const listTagsForResource = awsOperation({
  name: 'ListTagsForResource',
  input: { ResourceArn: required },
  run: (broker, { ResourceArn }) => ({
    Tags: tagsOut(topicAt(broker, ResourceArn, 'ResourceArn').record.settings.tags),
  }),
})
