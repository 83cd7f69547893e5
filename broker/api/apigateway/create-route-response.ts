import { newResourceId } from '../../modes/socket-apis.ts'
import { awsOperation } from '../aws/operation.ts'
import { conflict } from './errors.ts'
import { changeResponses, routeMembers } from './route-response.ts'

/** From then on, once deployed, what the route's integration returns is sent back. */
export const createRouteResponse = awsOperation({
  name: 'CreateRouteResponse',
  http: { method: 'POST', path: '/v2/apis/{apiId}/routes/{routeId}/routeresponses', status: 201 },
  input: { ...routeMembers, routeResponseKey: { type: 'string', enum: ['$default'], required: true } },
  async run({ socketApis }, input) {
    const { routeResponseKey } = input
    const response = { routeResponseId: newResourceId(), routeResponseKey }
    await changeResponses(socketApis, input, (responses) => {
      if (Object.keys(responses).length > 0)
        throw conflict(`Route response with key ${routeResponseKey} already exists`)
      return { [response.routeResponseId]: response }
    })
    return response
  },
})
