import { awsOperation } from '../aws/operation.ts'
import { recordOf, targetOf } from './names.ts'
import { resource } from './tag-resource.ts'

/** The tags of a function. */
export const listTags = awsOperation({
  name: 'ListTags',
  http: { method: 'GET', path: '/2017-03-31/tags/{Resource}' },
  input: { Resource: resource },
  run({ functions }, input, context) {
    const name = targetOf({ FunctionName: input.Resource }, context).name
    return { Tags: recordOf(functions, { name }, context).tags }
  },
})
