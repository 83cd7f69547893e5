import { awsOperation } from '../aws/operation.ts'
import { apiOf, describeApi } from './api-description.ts'
import { apiId } from './members.ts'

export const getApi = awsOperation({
  name: 'GetApi',
  http: { method: 'GET', path: '/v2/apis/{apiId}' },
  input: { apiId },
  run: ({ socketApis }, input, context) => describeApi(apiOf(socketApis, input.apiId), context),
})
