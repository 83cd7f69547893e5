import { awsOperation } from '../aws/operation.ts'
import { aliasOf, describeAlias } from './alias.ts'
import { aliasName, functionName } from './members.ts'
import { recordOf, targetOf } from './names.ts'

/** What an alias points to. */
export const getAlias = awsOperation({
  name: 'GetAlias',
  http: { method: 'GET', path: '/2015-03-31/functions/{FunctionName}/aliases/{Name}' },
  input: { FunctionName: functionName, Name: aliasName },
  run({ functions }, input, context) {
    const record = recordOf(functions, { name: targetOf(input, context).name }, context)
    return describeAlias(record, input.Name, aliasOf(record, input.Name, context), context)
  },
})
