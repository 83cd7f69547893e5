import { awsOperation } from '../aws/operation.ts'
import { notFound } from './errors.ts'
import { apiId } from './members.ts'

/** Deletes an API with all its parts; who is connected stays so, and finds no route any more. */
export const deleteApi = awsOperation({
  name: 'DeleteApi',
  http: { method: 'DELETE', path: '/v2/apis/{apiId}', status: 204 },
  input: { apiId },
  async run({ socketApis }, input) {
    await socketApis.records.change(input.apiId, (api) => {
      if (api === undefined) throw notFound('API')
      return undefined
    })
    return undefined
  },
})
