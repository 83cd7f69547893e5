import { latestVersion } from '../../modes/function-record.ts'
import { awsOperation } from '../aws/operation.ts'
import { urlOf, urlQualifier } from './function-url.ts'
import { functionName } from './members.ts'
import { recordOf, targetOf } from './names.ts'

/** Takes a function's address away; it is never given again. */
export const deleteFunctionUrlConfig = awsOperation({
  name: 'DeleteFunctionUrlConfig',
  http: { method: 'DELETE', path: '/2021-10-31/functions/{FunctionName}/url', status: 204 },
  input: { FunctionName: functionName, Qualifier: urlQualifier },
  async run({ functions }, input, context) {
    const target = targetOf(input, context)
    recordOf(functions, target, context)
    const { name, qualifier = latestVersion } = target
    await functions.change(name, (each) => {
      urlOf(each, target)
      const { [qualifier]: _, ...urls } = each.urls
      return { ...each, urls }
    })
    return undefined
  },
})
