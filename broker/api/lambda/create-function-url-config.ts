import { randomBytes } from 'node:crypto'
import { type FunctionUrl, latestVersion } from '../../modes/function-record.ts'
import { awsOperation } from '../aws/operation.ts'
import { conflict } from './errors.ts'
import { describeUrl, urlMembers, urlQualifier, withUrlSettings } from './function-url.ts'
import { functionName } from './members.ts'
import { functionArn, recordOf, targetOf } from './names.ts'

/** Gives a function, or an alias of it, an address of its own. */
export const createFunctionUrlConfig = awsOperation({
  name: 'CreateFunctionUrlConfig',
  http: { method: 'POST', path: '/2021-10-31/functions/{FunctionName}/url', status: 201 },
  input: {
    FunctionName: functionName,
    Qualifier: urlQualifier,
    ...urlMembers,
    AuthType: { ...urlMembers.AuthType, required: true },
  },
  async run({ functions, clock }, input, context) {
    const target = targetOf(input, context)
    recordOf(functions, target, context)
    const { name, qualifier = latestVersion } = target
    const now = clock.now()
    const id = randomBytes(16).toString('hex')
    const record = await functions.change(name, (each) => {
      if (Object.hasOwn(each.urls, qualifier)) {
        const arn = functionArn(name, context, target.qualifier)
        throw conflict(
          `Failed to create function url config for [functionArn = ${arn}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
        )
      }
      const base: FunctionUrl = { id, authType: 'AWS_IAM', invokeMode: 'BUFFERED', createdAt: now, modifiedAt: now }
      return { ...each, urls: { ...each.urls, [qualifier]: withUrlSettings(base, input, now) } }
    })
    return describeUrl(record, qualifier, record.urls[qualifier] as FunctionUrl, context)
  },
})
