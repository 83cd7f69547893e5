import { awsOperation } from '../aws/operation.ts'
import { tags } from './members.ts'
import { recordOf, targetOf } from './names.ts'

export const resource = { type: 'string', required: true, min: 1, max: 10_000 } as const

/** Adds tags to a function. */
export const tagResource = awsOperation({
  name: 'TagResource',
  http: { method: 'POST', path: '/2017-03-31/tags/{Resource}', status: 204 },
  input: { Resource: resource, Tags: { ...tags, required: true } },
  async run({ functions }, input, context) {
    const { name } = recordOf(functions, { name: targetOf({ FunctionName: input.Resource }, context).name }, context)
    await functions.change(name, (each) => ({ ...each, tags: { ...each.tags, ...input.Tags } }))
    return undefined
  },
})
