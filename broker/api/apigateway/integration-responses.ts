import { newResourceId, type SocketApi, type SocketIntegration } from '../../modes/socket-apis.ts'
import type { InputOf } from '../../wire/aws-shape.ts'
import { badRequest, conflict, notFound } from './errors.ts'
import { requireTemplates, templates } from './mapping-template.ts'
import { expression } from './members.ts'
import { type PartContext, type PartInput, partOperations, said } from './parts.ts'

type IntegrationResponse = NonNullable<SocketIntegration['responses']>[string]

const changeable = {
  responseTemplates: templates,
  templateSelectionExpression: expression,
  responseParameters: { type: 'map', of: { type: 'string', max: 512 }, max: 50 },
  contentHandlingStrategy: { type: 'string', enum: ['CONVERT_TO_BINARY', 'CONVERT_TO_TEXT'] },
} as const
const key = { type: 'string', min: 1, max: 128 } as const
const update = { integrationResponseKey: key, ...changeable } as const
const create = { integrationResponseKey: { ...key, required: true }, ...changeable } as const

/** What is made of an integration's answer before it is sent back: by the key that its status matches, such as `/404/` or `/2\d\d/`, or by `$default`. */
export const integrationResponseOperations = partOperations<IntegrationResponse, typeof create>({
  name: 'IntegrationResponse',
  path: 'integrations/{integrationId}/integrationresponses',
  id: 'integrationResponseId',
  title: 'Integration response',
  create,
  update,
  partsMax: ({ socketApiPartsMax }) => socketApiPartsMax,
  in: (api, input) => integrationOf(api, input).responses ?? {},
  with(api, responses, input) {
    const integration = integrationOf(api, input)
    return { ...api, integrations: { ...api.integrations, [integration.integrationId]: { ...integration, responses } } }
  },
  make(input, context) {
    const integrationResponseId = newResourceId()
    const { integrationResponseKey } = input
    const made = { integrationResponseId, integrationResponseKey, ...said(input, ...kept) }
    return [integrationResponseId, checked(made, context)]
  },
  change(response, input: InputOf<typeof update>, context) {
    return checked({ ...response, ...said(input, 'integrationResponseKey', ...kept) }, context)
  },
  describe: (response) => response,
})

/** Statuses, as a pattern whose digits may be any. */
const statusPattern = /^\/[1-5](?:[0-9]|\\d){2}\/$/

const kept = Object.keys(changeable) as (keyof typeof changeable)[]

function checked(response: IntegrationResponse, { parts }: PartContext): IntegrationResponse {
  const { integrationResponseKey: of, integrationResponseId: id, responseTemplates = {} } = response
  if (of !== '$default' && !statusPattern.test(of)) {
    throw badRequest(`Integration response key must be $default, or statuses such as /404/ or /2\\d\\d/, and is ${of}`)
  }
  const others = Object.values(parts as Record<string, IntegrationResponse>)
  if (others.some((each) => each.integrationResponseKey === of && each.integrationResponseId !== id)) {
    throw conflict(`Integration response with key ${of} already exists`)
  }
  requireTemplates(responseTemplates, 'response')
  return response
}

function integrationOf(api: SocketApi, input: PartInput): SocketIntegration {
  const integration = api.integrations[String(input['integrationId'])]
  if (integration === undefined) throw notFound('Integration')
  return integration
}
