import { awsOperation } from '../aws/operation.ts'
import { functionName } from './members.ts'
import { recordOf, targetOf } from './names.ts'

/** How many invocations of a function may run at once; more are refused. */
export const putFunctionConcurrency = awsOperation({
  name: 'PutFunctionConcurrency',
  http: { method: 'PUT', path: '/2017-10-31/functions/{FunctionName}/concurrency' },
  input: { FunctionName: functionName, ReservedConcurrentExecutions: { type: 'integer', required: true, min: 0 } },
  async run({ functions }, input, context) {
    const { name } = recordOf(functions, { name: targetOf(input, context).name }, context)
    const reservedConcurrency = input.ReservedConcurrentExecutions
    await functions.change(name, (each) => ({ ...each, reservedConcurrency }))
    return { ReservedConcurrentExecutions: reservedConcurrency }
  },
})
