import type { InputOf } from '../../wire/aws-shape.ts'
import type { CallParameters, ConnectionAuth } from '../../wire/connection.ts'
import { invalid } from './errors.ts'

const credential = { type: 'string', min: 1, max: 512 } as const

const parameters = {
  type: 'list',
  max: 100,
  of: {
    type: 'structure',
    members: { Key: { type: 'string', max: 512 }, Value: { type: 'string' }, IsValueSecret: { type: 'boolean' } },
  },
} as const

const httpParameters = {
  type: 'structure',
  members: { HeaderParameters: parameters, QueryStringParameters: parameters, BodyParameters: parameters },
} as const

export const authorizationType = { type: 'string', enum: ['BASIC', 'OAUTH_CLIENT_CREDENTIALS', 'API_KEY'] } as const

/** How calls are let in. An update may leave out what stays; so what must be there is looked at by `authOf`. */
export const authParameters = {
  type: 'structure',
  members: {
    BasicAuthParameters: { type: 'structure', members: { Username: credential, Password: credential } },
    OAuthParameters: {
      type: 'structure',
      members: {
        ClientParameters: { type: 'structure', members: { ClientID: credential, ClientSecret: credential } },
        AuthorizationEndpoint: { type: 'string', min: 1, max: 2048 },
        HttpMethod: { type: 'string', enum: ['GET', 'POST', 'PUT'] },
        OAuthHttpParameters: httpParameters,
      },
    },
    ApiKeyAuthParameters: { type: 'structure', members: { ApiKeyName: credential, ApiKeyValue: credential } },
    InvocationHttpParameters: httpParameters,
  },
} as const

type AuthParameters = InputOf<typeof authParameters.members>
type HttpParametersMember = InputOf<typeof httpParameters.members>

/**
 * How calls are let in, from what was sent, and from what there is where that is left out.
 * @throws AwsError ValidationException when it is not all there
 */
export function authOf(
  kind: ConnectionAuth['kind'],
  { BasicAuthParameters: basic, ApiKeyAuthParameters: key, OAuthParameters: oauth }: AuthParameters,
  there: ConnectionAuth | undefined,
): ConnectionAuth {
  const needed = (value: string | undefined, member: string): string => {
    if (value !== undefined) return value
    throw invalid(
      `Parameter AuthParameters is not valid. Reason: ${member} is required for authorization type ${kind}.`,
    )
  }
  if (kind === 'BASIC') {
    const former = there?.kind === 'BASIC' ? there : undefined
    return {
      kind,
      user: needed(basic?.Username ?? former?.user, 'BasicAuthParameters.Username'),
      password: needed(basic?.Password ?? former?.password, 'BasicAuthParameters.Password'),
    }
  }
  if (kind === 'API_KEY') {
    const former = there?.kind === 'API_KEY' ? there : undefined
    return {
      kind,
      name: needed(key?.ApiKeyName ?? former?.name, 'ApiKeyAuthParameters.ApiKeyName'),
      value: needed(key?.ApiKeyValue ?? former?.value, 'ApiKeyAuthParameters.ApiKeyValue'),
    }
  }
  const former = there?.kind === 'OAUTH_CLIENT_CREDENTIALS' ? there : undefined
  const client = oauth?.ClientParameters
  const endpoint = needed(oauth?.AuthorizationEndpoint ?? former?.endpoint, 'OAuthParameters.AuthorizationEndpoint')
  if (!/^https?:\/\//.test(endpoint) || !URL.canParse(endpoint)) {
    throw invalid('Parameter AuthorizationEndpoint is not valid. Reason: it must be an HTTPS URL.')
  }
  return {
    kind,
    endpoint,
    method: needed(oauth?.HttpMethod ?? former?.method, 'OAuthParameters.HttpMethod'),
    clientId: needed(client?.ClientID ?? former?.clientId, 'OAuthParameters.ClientParameters.ClientID'),
    clientSecret: needed(client?.ClientSecret ?? former?.clientSecret, 'OAuthParameters.ClientParameters.ClientSecret'),
    parameters: parametersOf(oauth?.OAuthHttpParameters) ?? former?.parameters ?? noParameters,
  }
}

export const noParameters: CallParameters = { headers: [], query: [], body: [] }

/** What is sent with each call. */
export function parametersOf(member: HttpParametersMember | undefined): CallParameters | undefined {
  if (member === undefined) return undefined
  const listOf = (list: HttpParametersMember['HeaderParameters'] = []) =>
    list.map(({ Key = '', Value = '', IsValueSecret = false }) => ({ key: Key, value: Value, secret: IsValueSecret }))
  return {
    headers: listOf(member.HeaderParameters),
    query: listOf(member.QueryStringParameters),
    body: listOf(member.BodyParameters),
  }
}
