import { awsOperation } from '../aws/operation.ts'
import { aliasName, functionName } from './members.ts'
import { recordOf, targetOf } from './names.ts'

/** Deletes an alias; one that is not there is no error. */
export const deleteAlias = awsOperation({
  name: 'DeleteAlias',
  http: { method: 'DELETE', path: '/2015-03-31/functions/{FunctionName}/aliases/{Name}', status: 204 },
  input: { FunctionName: functionName, Name: aliasName },
  async run({ functions }, input, context) {
    const { name } = recordOf(functions, { name: targetOf(input, context).name }, context)
    await functions.change(name, (each) => {
      const { [input.Name]: _, ...aliases } = each.aliases
      return { ...each, aliases }
    })
    return undefined
  },
})
