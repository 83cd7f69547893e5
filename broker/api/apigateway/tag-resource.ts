import { awsOperation } from '../aws/operation.ts'
import { badRequest } from './errors.ts'
import { tags } from './members.ts'
import { changeTags, resourceArn, tagsPath } from './tags.ts'

/** Adds tags to an API, and changes those it has. */
export const tagResource = awsOperation({
  name: 'TagResource',
  http: { method: 'POST', path: tagsPath, status: 201 },
  input: { resourceArn, tags },
  async run({ socketApis }, input) {
    await changeTags(socketApis, input.resourceArn, (before) => {
      const all = { ...before, ...input.tags }
      if (Object.keys(all).length > tags.max) throw badRequest(`An API has at most ${tags.max} tags`)
      return all
    })
    return {}
  },
})
