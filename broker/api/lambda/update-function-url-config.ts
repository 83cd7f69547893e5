import { type FunctionUrl, latestVersion } from '../../modes/function-record.ts'
import { awsOperation } from '../aws/operation.ts'
import { describeUrl, urlMembers, urlOf, urlQualifier, withUrlSettings } from './function-url.ts'
import { functionName } from './members.ts'
import { recordOf, targetOf } from './names.ts'

/** Changes how a function's address behaves; the address stays. */
export const updateFunctionUrlConfig = awsOperation({
  name: 'UpdateFunctionUrlConfig',
  http: { method: 'PUT', path: '/2021-10-31/functions/{FunctionName}/url' },
  input: { FunctionName: functionName, Qualifier: urlQualifier, ...urlMembers },
  async run({ functions, clock }, input, context) {
    const target = targetOf(input, context)
    recordOf(functions, target, context)
    const { name, qualifier = latestVersion } = target
    const record = await functions.change(name, (each) => {
      const url = withUrlSettings(urlOf(each, target), input, clock.now())
      return { ...each, urls: { ...each.urls, [qualifier]: url } }
    })
    return describeUrl(record, qualifier, record.urls[qualifier] as FunctionUrl, context)
  },
})
