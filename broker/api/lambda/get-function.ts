import { configOf, type FunctionConfig } from '../../modes/function-record.ts'
import { awsOperation } from '../aws/operation.ts'
import { describeConfiguration } from './configuration.ts'
import { functionName, qualifier } from './members.ts'
import { plainVersion, recordOf, targetOf } from './names.ts'

/** A function's settings, where its code is, its tags and its concurrency. */
export const getFunction = awsOperation({
  name: 'GetFunction',
  http: { method: 'GET', path: '/2015-03-31/functions/{FunctionName}' },
  input: { FunctionName: functionName, Qualifier: qualifier },
  async run({ functions }, input, context) {
    const target = targetOf(input, context)
    const record = recordOf(functions, target, context)
    const version = plainVersion(record, target.qualifier)
    const config = configOf(record, version) as FunctionConfig
    const location =
      config.code.kind === 'archive'
        ? await functions.code.location(config.code.hash)
        : config.code.kind === 'directory'
          ? `file://${config.code.path}`
          : ''
    return {
      Configuration: describeConfiguration(functions, record, config, version, context, target.qualifier),
      Code: { RepositoryType: 'S3', Location: location },
      ...(Object.keys(record.tags).length > 0 ? { Tags: record.tags } : {}),
      ...(record.reservedConcurrency === undefined
        ? {}
        : { Concurrency: { ReservedConcurrentExecutions: record.reservedConcurrency } }),
    }
  },
})
