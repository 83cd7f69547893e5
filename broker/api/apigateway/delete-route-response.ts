import { awsOperation } from '../aws/operation.ts'
import { notFound } from './errors.ts'
import { changeResponses, routeMembers } from './route-response.ts'

export const deleteRouteResponse = awsOperation({
  name: 'DeleteRouteResponse',
  http: { method: 'DELETE', path: '/v2/apis/{apiId}/routes/{routeId}/routeresponses/{routeResponseId}', status: 204 },
  input: { ...routeMembers, routeResponseId: { type: 'string', required: true } },
  async run({ socketApis }, input) {
    await changeResponses(socketApis, input, (responses) => {
      if (responses[input.routeResponseId] === undefined) throw notFound('Route response')
      return {}
    })
    return undefined
  },
})
