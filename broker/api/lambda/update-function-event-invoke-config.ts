import { latestVersion } from '../../modes/function-record.ts'
import { awsOperation } from '../aws/operation.ts'
import { asyncConfigOf, asyncMembers, describeAsync, withAsync } from './event-invoke-config.ts'
import { functionName, qualifier } from './members.ts'
import { recordOf, targetOf } from './names.ts'

/** Changes how asynchronous invocations are retried; what is left out stays. */
export const updateFunctionEventInvokeConfig = awsOperation({
  name: 'UpdateFunctionEventInvokeConfig',
  http: { method: 'POST', path: '/2019-09-25/functions/{FunctionName}/event-invoke-config' },
  input: { FunctionName: functionName, Qualifier: qualifier, ...asyncMembers },
  async run({ functions, clock }, input, context) {
    const target = targetOf(input, context)
    recordOf(functions, target, context)
    const version = target.qualifier ?? latestVersion
    const record = await functions.change(target.name, (each) => ({
      ...each,
      asyncConfigs: {
        ...each.asyncConfigs,
        [version]: withAsync(asyncConfigOf(each, target, context), input, clock.now()),
      },
    }))
    return describeAsync(target.name, version, asyncConfigOf(record, target, context), context)
  },
})
