import { latestVersion } from '../../modes/function-record.ts'
import { awsOperation } from '../aws/operation.ts'
import { asyncConfigOf } from './event-invoke-config.ts'
import { functionName, qualifier } from './members.ts'
import { recordOf, targetOf } from './names.ts'

/** Goes back to the defaults. */
export const deleteFunctionEventInvokeConfig = awsOperation({
  name: 'DeleteFunctionEventInvokeConfig',
  http: { method: 'DELETE', path: '/2019-09-25/functions/{FunctionName}/event-invoke-config', status: 204 },
  input: { FunctionName: functionName, Qualifier: qualifier },
  async run({ functions }, input, context) {
    const target = targetOf(input, context)
    recordOf(functions, target, context)
    await functions.change(target.name, (each) => {
      asyncConfigOf(each, target, context)
      const { [target.qualifier ?? latestVersion]: _, ...asyncConfigs } = each.asyncConfigs
      return { ...each, asyncConfigs }
    })
    return undefined
  },
})
