import { awsOperation } from '../aws/operation.ts'
import { page } from './members.ts'
import { resourceArn, tagsOf, tagsPath } from './tags.ts'

export const getTags = awsOperation({
  name: 'GetTags',
  http: { method: 'GET', path: tagsPath },
  input: { resourceArn, ...page },
  run: ({ socketApis }, input) => ({ tags: tagsOf(socketApis, input.resourceArn) }),
})
