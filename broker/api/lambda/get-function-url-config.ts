import { latestVersion } from '../../modes/function-record.ts'
import { awsOperation } from '../aws/operation.ts'
import { describeUrl, urlOf, urlQualifier } from './function-url.ts'
import { functionName } from './members.ts'
import { recordOf, targetOf } from './names.ts'

/** Tells of a function's address. */
export const getFunctionUrlConfig = awsOperation({
  name: 'GetFunctionUrlConfig',
  http: { method: 'GET', path: '/2021-10-31/functions/{FunctionName}/url' },
  input: { FunctionName: functionName, Qualifier: urlQualifier },
  run({ functions }, input, context) {
    const target = targetOf(input, context)
    const record = recordOf(functions, target, context)
    return describeUrl(record, target.qualifier ?? latestVersion, urlOf(record, target), context)
  },
})
