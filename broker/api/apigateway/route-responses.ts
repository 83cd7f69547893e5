import { newResourceId, type SocketApi, type SocketRoute } from '../../modes/socket-apis.ts'
import { conflict, notFound } from './errors.ts'
import { type PartInput, partOperations } from './parts.ts'

type RouteResponse = SocketRoute['responses'][string]

const update = { routeResponseKey: { type: 'string', enum: ['$default'] } } as const
const create = { routeResponseKey: { ...update.routeResponseKey, required: true } } as const

/** With one, once deployed, what a route's integration answers is sent back. */
export const routeResponseOperations = partOperations<RouteResponse, typeof create>({
  name: 'RouteResponse',
  path: 'routes/{routeId}/routeresponses',
  id: 'routeResponseId',
  title: 'Route response',
  create,
  update,
  partsMax: ({ socketApiPartsMax }) => socketApiPartsMax,
  in: (api, input) => routeOf(api, input).responses,
  with(api, responses, input) {
    const route = routeOf(api, input)
    return { ...api, routes: { ...api.routes, [route.routeId]: { ...route, responses } } }
  },
  make({ routeResponseKey }, { parts }) {
    if (Object.keys(parts).length > 0) throw conflict(`Route response with key ${routeResponseKey} already exists`)
    const routeResponseId = newResourceId()
    return [routeResponseId, { routeResponseId, routeResponseKey }]
  },
  change: (response) => response,
  describe: (response) => response,
})

function routeOf(api: SocketApi, input: PartInput): SocketRoute {
  const route = api.routes[String(input['routeId'])]
  if (route === undefined) throw notFound('Route')
  return route
}
