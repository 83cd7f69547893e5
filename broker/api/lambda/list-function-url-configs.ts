import { awsOperation } from '../aws/operation.ts'
import { describeUrl } from './function-url.ts'
import { functionName, marker, maxItems } from './members.ts'
import { pageOf, recordOf, targetOf } from './names.ts'

/** The addresses of a function and its aliases. */
export const listFunctionUrlConfigs = awsOperation({
  name: 'ListFunctionUrlConfigs',
  http: { method: 'GET', path: '/2021-10-31/functions/{FunctionName}/urls' },
  input: { FunctionName: functionName, Marker: marker, MaxItems: maxItems },
  run({ functions }, input, context) {
    const record = recordOf(functions, { name: targetOf(input, context).name }, context)
    const { page, next } = pageOf(Object.entries(record.urls), ([qualifier]) => qualifier, input)
    return {
      FunctionUrlConfigs: page.map(([qualifier, url]) => describeUrl(record, qualifier, url, context)),
      NextMarker: next,
    }
  },
})
