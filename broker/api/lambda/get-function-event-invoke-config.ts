import { latestVersion } from '../../modes/function-record.ts'
import { awsOperation } from '../aws/operation.ts'
import { asyncConfigOf, describeAsync } from './event-invoke-config.ts'
import { functionName, qualifier } from './members.ts'
import { recordOf, targetOf } from './names.ts'

/** How asynchronous invocations of a function are retried. */
export const getFunctionEventInvokeConfig = awsOperation({
  name: 'GetFunctionEventInvokeConfig',
  http: { method: 'GET', path: '/2019-09-25/functions/{FunctionName}/event-invoke-config' },
  input: { FunctionName: functionName, Qualifier: qualifier },
  run({ functions }, input, context) {
    const target = targetOf(input, context)
    const config = asyncConfigOf(recordOf(functions, target, context), target, context)
    return describeAsync(target.name, target.qualifier ?? latestVersion, config, context)
  },
})
