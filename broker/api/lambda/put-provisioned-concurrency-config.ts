import type { ProvisionedConcurrency } from '../../modes/function-record.ts'
import { awsOperation } from '../aws/operation.ts'
import { recordOf, targetOf } from './names.ts'
import {
  describeProvisioned,
  provisionedMembers,
  provisionedPath,
  publishedQualifier,
} from './provisioned-concurrency.ts'

/** Notes how many invocations of a version or an alias are to be ready. It is kept and told. */
export const putProvisionedConcurrencyConfig = awsOperation({
  name: 'PutProvisionedConcurrencyConfig',
  http: { method: 'PUT', path: provisionedPath, status: 202 },
  input: { ...provisionedMembers, ProvisionedConcurrentExecutions: { type: 'integer', required: true, min: 1 } },
  async run({ functions, clock }, input, context) {
    const target = targetOf(input, context)
    const { name } = recordOf(functions, target, context)
    const qualifier = publishedQualifier(target)
    const config: ProvisionedConcurrency = {
      executions: input.ProvisionedConcurrentExecutions,
      modifiedAt: clock.now(),
    }
    await functions.change(name, (each) => ({ ...each, provisioned: { ...each.provisioned, [qualifier]: config } }))
    return describeProvisioned(config)
  },
})
