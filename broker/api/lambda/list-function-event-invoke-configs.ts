import { awsOperation } from '../aws/operation.ts'
import { describeAsync } from './event-invoke-config.ts'
import { functionName, marker, maxItems } from './members.ts'
import { pageOf, recordOf, targetOf } from './names.ts'

/** How asynchronous invocations are retried, for all qualifiers of a function that say so. */
export const listFunctionEventInvokeConfigs = awsOperation({
  name: 'ListFunctionEventInvokeConfigs',
  http: { method: 'GET', path: '/2019-09-25/functions/{FunctionName}/event-invoke-config/list' },
  input: { FunctionName: functionName, Marker: marker, MaxItems: maxItems },
  run({ functions }, input, context) {
    const { name, asyncConfigs } = recordOf(functions, { name: targetOf(input, context).name }, context)
    const { page, next } = pageOf(Object.entries(asyncConfigs), ([qualifier]) => qualifier, input)
    return {
      FunctionEventInvokeConfigs: page.map(([qualifier, config]) => describeAsync(name, qualifier, config, context)),
      NextMarker: next,
    }
  },
})
