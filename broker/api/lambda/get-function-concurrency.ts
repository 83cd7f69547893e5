import { awsOperation } from '../aws/operation.ts'
import { functionName } from './members.ts'
import { recordOf, targetOf } from './names.ts'

/** A function's reserved concurrency, if it has any. */
export const getFunctionConcurrency = awsOperation({
  name: 'GetFunctionConcurrency',
  http: { method: 'GET', path: '/2019-09-30/functions/{FunctionName}/concurrency' },
  input: { FunctionName: functionName },
  run({ functions }, input, context) {
    const { reservedConcurrency } = recordOf(functions, { name: targetOf(input, context).name }, context)
    return { ReservedConcurrentExecutions: reservedConcurrency }
  },
})
