import { awsOperation } from '../aws/operation.ts'
import { functionName } from './members.ts'
import { recordOf, targetOf } from './names.ts'

/** Lifts the bound on a function's concurrency. */
export const deleteFunctionConcurrency = awsOperation({
  name: 'DeleteFunctionConcurrency',
  http: { method: 'DELETE', path: '/2017-10-31/functions/{FunctionName}/concurrency', status: 204 },
  input: { FunctionName: functionName },
  async run({ functions }, input, context) {
    const { name } = recordOf(functions, { name: targetOf(input, context).name }, context)
    await functions.change(name, ({ reservedConcurrency: _, ...rest }) => rest)
    return undefined
  },
})
