import { newResourceId, type SocketAuthorizer } from '../../modes/socket-apis.ts'
import type { InputOf } from '../../wire/aws-shape.ts'
import { badRequest } from './errors.ts'
import { functionIn } from './integration-target.ts'
import { name } from './members.ts'
import { partOperations, said } from './parts.ts'
import { identityPlace } from './socket-authorizer.ts'

const update = {
  name,
  authorizerType: { type: 'string', enum: ['REQUEST', 'JWT'] },
  authorizerUri: { type: 'string', max: 2048 },
  identitySource: { type: 'list', of: { type: 'string', max: 256 } },
  authorizerCredentialsArn: { type: 'string', max: 2048 },
} as const
const create = {
  ...update,
  name: { ...update.name, required: true },
  authorizerType: { ...update.authorizerType, required: true },
} as const

/** Functions that say who may connect. */
export const authorizerOperations = partOperations<SocketAuthorizer, typeof create>({
  name: 'Authorizer',
  path: 'authorizers',
  id: 'authorizerId',
  title: 'Authorizer',
  create,
  update,
  partsMax: ({ socketApiStagesMax }) => socketApiStagesMax,
  in: (api) => api.authorizers,
  with: (api, authorizers) => ({ ...api, authorizers }),
  make(input) {
    const authorizerId = newResourceId()
    const { name: said, authorizerUri = '', identitySource = [] } = input
    const authorizer = { authorizerId, name: said, authorizerUri, identitySource }
    return [authorizerId, checked(authorizer, input.authorizerType)]
  },
  change(authorizer, input: InputOf<typeof update>) {
    const changed = { ...authorizer, ...said(input, 'name', 'authorizerUri', 'identitySource') }
    return checked(changed, input.authorizerType ?? 'REQUEST')
  },
  requireUnused(api, id) {
    const user = Object.values(api.routes).find(({ authorizerId }) => authorizerId === id)
    if (user !== undefined) throw badRequest(`Authorizer is in use by the route ${user.routeKey}`)
  },
  describe: (authorizer) => ({ ...authorizer, authorizerType: 'REQUEST' }),
})

function checked(authorizer: SocketAuthorizer, authorizerType: string): SocketAuthorizer {
  if (authorizerType !== 'REQUEST') throw badRequest('Authorizers of WebSocket APIs are of the type REQUEST')
  if (functionIn(authorizer.authorizerUri) === undefined) {
    throw badRequest(
      'Authorizer URI must be that of a function: arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/ARN/invocations',
    )
  }
  for (const source of authorizer.identitySource) {
    if (identityPlace(source) === undefined) {
      throw badRequest(
        `Identity source must be such as route.request.header.Auth or route.request.querystring.token and is ${source}`,
      )
    }
  }
  return authorizer
}
