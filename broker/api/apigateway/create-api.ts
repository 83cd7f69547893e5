import { awsOperation } from '../aws/operation.ts'
import { describeApi, selectionPath } from './api-description.ts'
import { badRequest } from './errors.ts'
import { description, expression, name, tags } from './members.ts'

/** Makes a WebSocket API; those of HTTP are not here. */
export const createApi = awsOperation({
  name: 'CreateApi',
  http: { method: 'POST', path: '/v2/apis', status: 201 },
  input: {
    name: { ...name, required: true },
    protocolType: { type: 'string', enum: ['WEBSOCKET', 'HTTP'], required: true },
    routeSelectionExpression: expression,
    apiKeySelectionExpression: expression,
    description,
    tags,
  },
  async run({ socketApis, clock }, input, context) {
    if (input.protocolType !== 'WEBSOCKET') throw badRequest('Only APIs with the protocol WEBSOCKET are supported here')
    if (input.routeSelectionExpression === undefined) {
      throw badRequest('Route selection expression is required for WEBSOCKET protocol APIs')
    }
    selectionPath(input.routeSelectionExpression)
    const api = await socketApis.create({
      apiName: input.name,
      routeSelectionExpression: input.routeSelectionExpression,
      createdAt: clock.now(),
      tags: input.tags ?? {},
      ...(input.description === undefined ? {} : { description: input.description }),
    })
    return describeApi(api, context)
  },
})
