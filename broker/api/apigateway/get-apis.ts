import { awsOperation } from '../aws/operation.ts'
import { describeApi } from './api-description.ts'
import { page } from './members.ts'

export const getApis = awsOperation({
  name: 'GetApis',
  http: { method: 'GET', path: '/v2/apis' },
  input: page,
  run: ({ socketApis }, _input, context) => ({
    items: socketApis.records.list().map((api) => describeApi(api, context)),
  }),
})
