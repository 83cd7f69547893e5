import { awsOperation } from '../aws/operation.ts'
import { page } from './members.ts'
import { routeIn, routeMembers } from './route-response.ts'

export const getRouteResponses = awsOperation({
  name: 'GetRouteResponses',
  http: { method: 'GET', path: '/v2/apis/{apiId}/routes/{routeId}/routeresponses' },
  input: { ...routeMembers, ...page },
  run: ({ socketApis }, input) => ({ items: Object.values(routeIn(socketApis, input).responses) }),
})
