import { awsOperation } from '../aws/operation.ts'
import { changeApi, describeApi, selectionPath } from './api-description.ts'
import { apiId, description, expression, name } from './members.ts'

/** Changes what is said of an API; members that are left out stay as they are. */
export const updateApi = awsOperation({
  name: 'UpdateApi',
  http: { method: 'PATCH', path: '/v2/apis/{apiId}' },
  input: { apiId, name, description, routeSelectionExpression: expression },
  async run({ socketApis }, input, context) {
    if (input.routeSelectionExpression !== undefined) selectionPath(input.routeSelectionExpression)
    const api = await changeApi(socketApis, input.apiId, (each) => ({
      ...each,
      ...(input.name === undefined ? {} : { apiName: input.name }),
      ...(input.description === undefined ? {} : { description: input.description }),
      routeSelectionExpression: input.routeSelectionExpression ?? each.routeSelectionExpression,
    }))
    return describeApi(api, context)
  },
})
