import { awsOperation } from '../aws/operation.ts'
import { functionName, marker, maxItems } from './members.ts'
import { functionArn, pageOf, recordOf, targetOf } from './names.ts'
import { describeProvisioned, provisionedPath } from './provisioned-concurrency.ts'

/** All versions and aliases of a function of which some invocations are to be ready. */
export const listProvisionedConcurrencyConfigs = awsOperation({
  name: 'ListProvisionedConcurrencyConfigs',
  http: { method: 'GET', path: provisionedPath, marker: ['List', 'ALL'] },
  input: { FunctionName: functionName, Marker: marker, MaxItems: maxItems },
  run({ functions }, input, context) {
    const { name, provisioned = {} } = recordOf(functions, { name: targetOf(input, context).name }, context)
    const { page, next } = pageOf(Object.entries(provisioned), ([qualifier]) => qualifier, input)
    return {
      ProvisionedConcurrencyConfigs: page.map(([qualifier, config]) => {
        return { FunctionArn: functionArn(name, context, qualifier), ...describeProvisioned(config) }
      }),
      NextMarker: next,
    }
  },
})
