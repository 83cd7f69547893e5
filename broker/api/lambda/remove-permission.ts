import { latestVersion } from '../../modes/function-record.ts'
import { awsOperation } from '../aws/operation.ts'
import { notFound } from './errors.ts'
import { functionName, qualifier } from './members.ts'
import { recordOf, targetOf } from './names.ts'

/** Removes a statement of a function's policy. */
export const removePermission = awsOperation({
  name: 'RemovePermission',
  http: { method: 'DELETE', path: '/2015-03-31/functions/{FunctionName}/policy/{StatementId}', status: 204 },
  input: {
    FunctionName: functionName,
    StatementId: { type: 'string', required: true, min: 1, max: 100 },
    Qualifier: qualifier,
    RevisionId: { type: 'string', at: 'query' },
  },
  async run({ functions }, input, context) {
    const target = targetOf(input, context)
    recordOf(functions, target, context)
    const version = target.qualifier ?? latestVersion
    await functions.change(target.name, (each) => {
      const { [input.StatementId]: removed, ...left } = each.policies[version] ?? {}
      if (removed === undefined) throw notFound(`Statement ${input.StatementId} is not found in resource policy.`)
      return { ...each, policies: { ...each.policies, [version]: left } }
    })
    return undefined
  },
})
