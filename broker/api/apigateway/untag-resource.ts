import { awsOperation } from '../aws/operation.ts'
import { changeTags, resourceArn, tagsPath } from './tags.ts'

export const untagResource = awsOperation({
  name: 'UntagResource',
  http: { method: 'DELETE', path: tagsPath, status: 204 },
  input: { resourceArn, tagKeys: { type: 'list', of: { type: 'string' }, at: 'query', required: true } },
  async run({ socketApis }, input) {
    await changeTags(socketApis, input.resourceArn, (before) =>
      Object.fromEntries(Object.entries(before).filter(([key]) => !input.tagKeys.includes(key))),
    )
    return undefined
  },
})
