import { latestVersion } from '../../modes/function-record.ts'
import { awsOperation } from '../aws/operation.ts'
import { asyncConfigOf, asyncMembers, describeAsync, withAsync } from './event-invoke-config.ts'
import { functionName, qualifier } from './members.ts'
import { recordOf, targetOf } from './names.ts'

/** Says how asynchronous invocations are retried, and who hears how they ended; what is left out is the default. */
export const putFunctionEventInvokeConfig = awsOperation({
  name: 'PutFunctionEventInvokeConfig',
  http: { method: 'PUT', path: '/2019-09-25/functions/{FunctionName}/event-invoke-config' },
  input: { FunctionName: functionName, Qualifier: qualifier, ...asyncMembers },
  async run({ functions, clock }, input, context) {
    const target = targetOf(input, context)
    recordOf(functions, target, context)
    const version = target.qualifier ?? latestVersion
    const record = await functions.change(target.name, (each) => ({
      ...each,
      asyncConfigs: { ...each.asyncConfigs, [version]: withAsync({}, input, clock.now()) },
    }))
    return describeAsync(target.name, version, asyncConfigOf(record, target, context), context)
  },
})
