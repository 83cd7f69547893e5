import { awsOperation } from '../aws/operation.ts'
import { recordOf, targetOf } from './names.ts'
import {
  describeProvisioned,
  provisionedMembers,
  provisionedOf,
  provisionedPath,
  publishedQualifier,
} from './provisioned-concurrency.ts'

/** Tells how many invocations are to be ready. */
export const getProvisionedConcurrencyConfig = awsOperation({
  name: 'GetProvisionedConcurrencyConfig',
  http: { method: 'GET', path: provisionedPath },
  input: provisionedMembers,
  run({ functions }, input, context) {
    const target = targetOf(input, context)
    return describeProvisioned(provisionedOf(recordOf(functions, target, context), publishedQualifier(target)))
  },
})
