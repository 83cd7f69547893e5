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
    const rest = said(input, 'target', 'operationName', 'routeResponseSelectionExpression')
    return [routeId, { routeId, routeKey: input.routeKey, responses: {}, ...rest }]
  },
  change(route, input: InputOf<typeof update>, context) {
    check(input, context, route.routeId)
    return { ...route, ...said(input, 'routeKey', 'target', 'operationName', 'routeResponseSelectionExpression') }
  },
  describe: ({ responses: _responses, ...route }) => ({ ...route, authorizationType: 'NONE', apiKeyRequired: false }),
})

function check(input: InputOf<typeof update>, { api }: PartContext, routeId: string): void {
  const { routeKey, target, authorizationType = 'NONE', apiKeyRequired = false } = input
  const taken = Object.values(api.routes).some((each) => each.routeKey === routeKey && each.routeId !== routeId)
  if (taken) throw conflict(`Route with key ${routeKey} already exists for this API`)
  if (authorizationType !== 'NONE' || apiKeyRequired) {
    throw badRequest('Authorizers and API keys are not supported here: the function of $connect can refuse')
  }
  const integration = /^integrations\/(.+)$/.exec(target ?? '')?.[1]
  if (target !== undefined && api.integrations[integration ?? ''] === undefined) {
    throw badRequest(`Target ${target} is no integration of this API`)
  }
}
