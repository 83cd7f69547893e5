import { newResourceId, type SocketIntegration } from '../../modes/socket-apis.ts'
import type { InputOf } from '../../wire/aws-shape.ts'
import { badRequest } from './errors.ts'
import { parameterPattern } from './integration-request.ts'
import { integrationTarget } from './integration-target.ts'
import { requireTemplates, templates } from './mapping-template.ts'
import { description, expression } from './members.ts'
import { partOperations, said } from './parts.ts'

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
  requestParameters: { type: 'map', of: { type: 'string', max: 512 }, max: 50 },
  requestTemplates: templates,
  templateSelectionExpression: expression,
} as const
const create = { ...update, integrationType: { ...update.integrationType, required: true } } as const

/** What is kept as it was said. */
const kept = [
  'integrationUri',
  'integrationMethod',
  'description',
  'requestParameters',
  'requestTemplates',
  'templateSelectionExpression',
  'passthroughBehavior',
  'contentHandlingStrategy',
  'credentialsArn',
] as const

/** What routes lead to: a function, an operation of another service, an endpoint, or nothing. */
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
    requireInternet(input)
    const { timeoutInMillis = 29_000, integrationType } = input
    return [integrationId, checked({ integrationId, ...said(input, ...kept), timeoutInMillis, integrationType })]
  },
  change(integration, input: InputOf<typeof update>) {
    requireInternet(input)
    return checked({ ...integration, ...said(input, ...kept, 'timeoutInMillis', 'integrationType') })
  },
  requireUnused(api, id) {
    const user = Object.values(api.routes).find(({ target }) => target === `integrations/${id}`)
    if (user !== undefined) throw badRequest(`Integration is in use by the route ${user.routeKey}`)
  },
  describe: ({ responses: _, ...integration }) => ({
    connectionType: 'INTERNET',
    integrationMethod: 'POST',
    payloadFormatVersion: '1.0',
    passthroughBehavior: 'WHEN_NO_MATCH',
    ...integration,
  }),
})

function requireInternet({ connectionType = 'INTERNET' }: InputOf<typeof update>): void {
  if (connectionType !== 'INTERNET') throw badRequest('There are no VPC links here: the connection type is INTERNET')
}

const uris = {
  AWS: 'that of a function, or arn:aws:apigateway:REGION:SERVICE:action/ACTION or …:path/PATH with kinesis, sqs, sns or events as SERVICE',
  AWS_PROXY: 'that of a function: arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/ARN/invocations',
  HTTP: 'an http or https URL',
  HTTP_PROXY: 'an http or https URL',
} as const

function checked(integration: SocketIntegration): SocketIntegration {
  const { integrationType: type, integrationUri, requestParameters = {}, requestTemplates = {} } = integration
  if (type === 'MOCK') return integration
  if (integrationTarget(type, integrationUri) === undefined) throw badRequest(`Integration URI must be ${uris[type]}`)
  for (const parameter of Object.keys(requestParameters)) {
    if (!parameterPattern.test(parameter)) throw badRequest(`Invalid mapping expression specified: ${parameter}`)
  }
  requireTemplates(requestTemplates, 'request')
  return integration
}
