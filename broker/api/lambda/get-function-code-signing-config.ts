import { awsOperation } from '../aws/operation.ts'
import { functionName } from './members.ts'
import { recordOf, targetOf } from './names.ts'

/** Says that the code of a function needs no signature: nobody's does here. Terraform asks for every function it reads. */
export const getFunctionCodeSigningConfig = awsOperation({
  name: 'GetFunctionCodeSigningConfig',
  http: { method: 'GET', path: '/2020-06-30/functions/{FunctionName}/code-signing-config' },
  input: { FunctionName: functionName },
  run({ functions }, input, context) {
    return { FunctionName: recordOf(functions, { name: targetOf(input, context).name }, context).name }
  },
})
