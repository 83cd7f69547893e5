import { newResourceId, type SocketRoute } from '../../modes/socket-apis.ts'
import type { InputOf } from '../../wire/aws-shape.ts'
import { badRequest, conflict } from './errors.ts'
import { expression } from './members.ts'
import { type PartContext, partOperations, said } from './parts.ts'

const changeable = {
  target: { type: 'string', max: 128 },
  operationName: { type: 'string', max: 64 },
  routeResponseSelectionExpression: expression,
  authorizationType: { type: 'string', enum: ['NONE', 'AWS_IAM', 'CUSTOM', 'JWT'] },
  authorizerId: { type: 'string', max: 128 },
  apiKeyRequired: { type: 'boolean' },
} as const
const create = { routeKey: { type: 'string', min: 1, max: 128, required: true }, ...changeable } as const
const update = { routeKey: { type: 'string', min: 1, max: 128 }, ...changeable } as const

/** What of a message's or a connection's life goes to which integration. */
export const routeOperations = partOperations<SocketRoute, typeof create>({
  name: 'Route',
  path: 'routes',
  id: 'routeId',
  title: 'Route',
  create,
  update,
  updateStatus: 201,
  partsMax: ({ socketApiPartsMax }) => socketApiPartsMax,
  in: (api) => api.routes,
  with: (api, routes) => ({ ...api, routes }),
  make(input, context) {
    const routeId = newResourceId()
    check(input, context, routeId)
    const rest = said(input, 'target', 'operationName', 'authorizerId', 'routeResponseSelectionExpression')
    return [routeId, { routeId, routeKey: input.routeKey, responses: {}, ...rest }]
  },
  change(route, input: InputOf<typeof update>, context) {
    check({ routeKey: route.routeKey, ...input }, context, route.routeId)
    const { authorizerId, ...kept } = route
    // Without authorization it has no authorizer either.
    const authorizer = input.authorizationType === 'NONE' || authorizerId === undefined ? {} : { authorizerId }
    const names = ['routeKey', 'target', 'operationName', 'authorizerId', 'routeResponseSelectionExpression'] as const
    return { ...kept, ...authorizer, ...said(input, ...names) }
  },
  describe: ({ responses: _responses, ...route }) => ({
    ...route,
    authorizationType: route.authorizerId === undefined ? 'NONE' : 'CUSTOM',
    apiKeyRequired: false,
  }),
})

function check(input: InputOf<typeof update>, { api }: PartContext, routeId: string): void {
  const { routeKey, target, authorizerId, authorizationType = 'NONE', apiKeyRequired = false } = input
  const taken = Object.values(api.routes).some((each) => each.routeKey === routeKey && each.routeId !== routeId)
  if (taken) throw conflict(`Route with key ${routeKey} already exists for this API`)
  if ((authorizationType !== 'NONE' && authorizationType !== 'CUSTOM') || apiKeyRequired) {
    throw badRequest('Authorization is NONE or CUSTOM here, and there are no API keys')
  }
  if ((authorizationType === 'CUSTOM') !== (authorizerId !== undefined)) {
    throw badRequest('An authorizer goes with the authorization CUSTOM, and that with an authorizer')
  }
  if (authorizerId !== undefined && routeKey !== '$connect') {
    throw badRequest('Only the $connect route can have an authorizer')
  }
  if (authorizerId !== undefined && api.authorizers[authorizerId] === undefined) {
    throw badRequest(`Authorizer ${authorizerId} is none of this API`)
  }
  const integration = /^integrations\/(.+)$/.exec(target ?? '')?.[1]
  if (target !== undefined && api.integrations[integration ?? ''] === undefined) {
    throw badRequest(`Target ${target} is no integration of this API`)
  }
}
