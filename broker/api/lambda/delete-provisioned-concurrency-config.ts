import { awsOperation } from '../aws/operation.ts'
import { recordOf, targetOf } from './names.ts'
import { provisionedMembers, provisionedPath, publishedQualifier } from './provisioned-concurrency.ts'

/** Asks for no invocations to be ready any more. */
export const deleteProvisionedConcurrencyConfig = awsOperation({
  name: 'DeleteProvisionedConcurrencyConfig',
  http: { method: 'DELETE', path: provisionedPath, status: 204 },
  input: provisionedMembers,
  async run({ functions }, input, context) {
    const target = targetOf(input, context)
    const { name } = recordOf(functions, target, context)
    const qualifier = publishedQualifier(target)
    await functions.change(name, (each) => {
      const { [qualifier]: _, ...provisioned } = each.provisioned ?? {}
      return { ...each, provisioned }
    })
    return undefined
  },
})
