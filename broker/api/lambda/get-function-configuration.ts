import { configOf, type FunctionConfig } from '../../modes/function-record.ts'
import { awsOperation } from '../aws/operation.ts'
import { describeConfiguration } from './configuration.ts'
import { functionName, qualifier } from './members.ts'
import { plainVersion, recordOf, targetOf } from './names.ts'

/** The settings of a version of a function. */
export const getFunctionConfiguration = awsOperation({
  name: 'GetFunctionConfiguration',
  http: { method: 'GET', path: '/2015-03-31/functions/{FunctionName}/configuration' },
  input: { FunctionName: functionName, Qualifier: qualifier },
  run({ functions }, input, context) {
    const target = targetOf(input, context)
    const record = recordOf(functions, target, context)
    const version = plainVersion(record, target.qualifier)
    const config = configOf(record, version) as FunctionConfig
    return describeConfiguration(functions, record, config, version, context, target.qualifier)
  },
})
