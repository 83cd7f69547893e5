import { newResourceId, type SocketIntegration } from '../../modes/socket-apis.ts'
import type { InputOf } from '../../wire/aws-shape.ts'
import { badRequest } from './errors.ts'
import { description } from './members.ts'
import { partOperations, said } from './parts.ts'
import { functionIn } from './socket-routing.ts'

const update = {
  integrationType: { type: 'string', enum: ['AWS', 'AWS_PROXY', 'HTTP', 'HTTP_PROXY', 'MOCK'] },
  integrationUri: { type: 'string', max: 1024 },
  integrationMethod: { type: 'string', max: 64 },
  description,
  timeoutInMillis: { type: 'integer', min: 50, max: 29_000 },
  connectionType: { type: 'string', enum: ['INTERNET', 'VPC_LINK'] },
  contentHandlingStrategy: { type: 'string', enum: ['CONVERT_TO_BINARY', 'CONVERT_TO_TEXT'] },
  payloadFormatVersion: { type: 'string', max: 64 },
  passthroughBehavior: { type: 'string', enum: ['WHEN_NO_MATCH', 'NEVER', 'WHEN_NO_TEMPLATES'] },
  credentialsArn: { type: 'string', max: 2048 },
} as const
const create = { ...update, integrationType: { ...update.integrationType, required: true } } as const

/** What routes lead to: a function, or nothing. */
export const integrationOperations = partOperations<SocketIntegration, typeof create>({
  name: 'Integration',
  path: 'integrations',
  id: 'integrationId',
  title: 'Integration',
  create,
  update,
  partsMax: ({ socketApiPartsMax }) => socketApiPartsMax,
  in: (api) => api.integrations,
  with: (api, integrations) => ({ ...api, integrations }),
  make(input) {
    const integrationId = newResourceId()
    const rest = said(input, 'integrationUri', 'description')
    const { timeoutInMillis = 29_000 } = input
    return [integrationId, checked({ integrationId, ...rest, timeoutInMillis }, input.integrationType)]
  },
  change(integration, input: InputOf<typeof update>) {
    const { integrationType = integration.integrationType } = input
    return checked(
      { ...integration, ...said(input, 'integrationUri', 'description', 'timeoutInMillis') },
      integrationType,
    )
  },
  requireUnused(api, id) {
    const user = Object.values(api.routes).find(({ target }) => target === `integrations/${id}`)
    if (user !== undefined) throw badRequest(`Integration is in use by the route ${user.routeKey}`)
  },
  describe: (integration) => ({
    ...integration,
    connectionType: 'INTERNET',
    integrationMethod: 'POST',
    payloadFormatVersion: '1.0',
    passthroughBehavior: 'WHEN_NO_MATCH',
  }),
})

function checked(integration: Omit<SocketIntegration, 'integrationType'>, integrationType: string): SocketIntegration {
  if (integrationType !== 'AWS_PROXY' && integrationType !== 'MOCK') {
    throw badRequest(`Integrations of the type ${integrationType} are not supported here; AWS_PROXY and MOCK are`)
  }
  if (integrationType === 'AWS_PROXY' && functionIn(integration.integrationUri) === undefined) {
    throw badRequest(
      'Integration URI must be that of a function: arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/ARN/invocations',
    )
  }
  return { ...integration, integrationType }
}
