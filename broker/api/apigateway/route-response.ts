import type { SocketApi, SocketApis, SocketRoute } from '../../modes/socket-apis.ts'
import type { Member } from '../../wire/aws-shape.ts'
import { apiOf, changeApi } from './api-description.ts'
import { notFound } from './errors.ts'
import { apiId } from './members.ts'

export const routeId = { type: 'string', required: true } as const satisfies Member
export const routeMembers = { apiId, routeId } as const

/** A route of an API. @throws NotFoundException */
export function routeOf(api: SocketApi, id: string): SocketRoute {
  const route = api.routes[id]
  if (route === undefined) throw notFound('Route')
  return route
}

export function routeIn(apis: SocketApis, input: { readonly apiId: string; readonly routeId: string }): SocketRoute {
  return routeOf(apiOf(apis, input.apiId), input.routeId)
}

/** Changes the responses of a route. */
export async function changeResponses(
  apis: SocketApis,
  input: { readonly apiId: string; readonly routeId: string },
  change: (responses: SocketRoute['responses']) => SocketRoute['responses'],
): Promise<void> {
  await changeApi(apis, input.apiId, (api) => {
    const route = routeOf(api, input.routeId)
    return { ...api, routes: { ...api.routes, [route.routeId]: { ...route, responses: change(route.responses) } } }
  })
}
