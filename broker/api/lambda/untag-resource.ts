import { awsOperation } from '../aws/operation.ts'
import { recordOf, targetOf } from './names.ts'
import { resource } from './tag-resource.ts'

/** Removes tags from a function. */
export const untagResource = awsOperation({
  name: 'UntagResource',
  http: { method: 'DELETE', path: '/2017-03-31/tags/{Resource}', status: 204 },
  input: {
    Resource: resource,
    TagKeys: { type: 'list', required: true, at: 'query', as: 'tagKeys', of: { type: 'string' } },
  },
  async run({ functions }, input, context) {
    const { name } = recordOf(functions, { name: targetOf({ FunctionName: input.Resource }, context).name }, context)
    await functions.change(name, (each) => ({
      ...each,
      tags: Object.fromEntries(Object.entries(each.tags).filter(([key]) => !input.TagKeys.includes(key))),
    }))
    return undefined
  },
})
