import type { SocketApi, SocketApis } from '../../modes/socket-apis.ts'
import type { AwsContext } from '../aws/operation.ts'
import { badRequest, notFound } from './errors.ts'

/** What finds a message's route: a member of its JSON, as `$request.body.action` does. */
const selection = /^\$\{?request\.body\.([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)\}?$/

/** @throws NotFoundException */
export function apiOf(apis: SocketApis, apiId: string): SocketApi {
  const api = apis.records.get(apiId)
  if (api === undefined) throw notFound('API')
  return api
}

/** Changes an API. @throws NotFoundException */
export function changeApi(apis: SocketApis, apiId: string, change: (api: SocketApi) => SocketApi): Promise<SocketApi> {
  return apis.records.change(apiId, (api) => {
    if (api === undefined) throw notFound('API')
    return change(api)
  })
}

/** An API as API Gateway shows it; its endpoint is this broker, as its caller reached it. */
export function describeApi(api: SocketApi, { origin }: Pick<AwsContext, 'origin'>): object {
  return {
    apiId: api.name,
    name: api.apiName,
    protocolType: 'WEBSOCKET',
    routeSelectionExpression: api.routeSelectionExpression,
    apiKeySelectionExpression: '$request.header.x-api-key',
    apiEndpoint: `${origin.replace(/^http/, 'ws')}/${api.name}`,
    disableExecuteApiEndpoint: false,
    createdDate: new Date(api.createdAt).toISOString(),
    tags: api.tags,
    ...(api.description === undefined ? {} : { description: api.description }),
  }
}

/** The names that lead to a message's route. @throws BadRequestException when it is no expression that is known here */
export function selectionPath(expression: string): readonly string[] {
  const path = selection.exec(expression)?.[1]
  if (path === undefined)
    throw badRequest(`Route selection expression must be such as $request.body.action and is ${expression}`)
  return path.split('.')
}
