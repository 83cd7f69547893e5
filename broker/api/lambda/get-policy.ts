import { latestVersion } from '../../modes/function-record.ts'
import { awsOperation } from '../aws/operation.ts'
import { notFound } from './errors.ts'
import { functionName, qualifier } from './members.ts'
import { recordOf, targetOf } from './names.ts'

/** The policy of a function, or of one version or alias. */
export const getPolicy = awsOperation({
  name: 'GetPolicy',
  http: { method: 'GET', path: '/2015-03-31/functions/{FunctionName}/policy' },
  input: { FunctionName: functionName, Qualifier: qualifier },
  run({ functions }, input, context) {
    const target = targetOf(input, context)
    const record = recordOf(functions, target, context)
    const statements = Object.values(record.policies[target.qualifier ?? latestVersion] ?? {})
    if (statements.length === 0) throw notFound('The resource you requested does not exist.')
    const policy = { Version: '2012-10-17', Id: 'default', Statement: statements }
    return { Policy: JSON.stringify(policy), RevisionId: record.latest.revisionId }
  },
})
