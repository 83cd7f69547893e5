import type { ConnectionRecord } from '../../modes/bus-record.ts'
import { connectionArn } from '../../modes/bus-record.ts'
import type { CallParameters, ConnectionAuth } from '../../wire/connection.ts'

/** What every operation on a connection answers. */
export function connectionAnswer(record: ConnectionRecord): object {
  return {
    ConnectionArn: connectionArn(record),
    ConnectionState: record.auth === undefined ? 'DEAUTHORIZED' : 'AUTHORIZED',
    CreationTime: new Date(record.createdAt),
    LastModifiedTime: new Date(record.modifiedAt),
    LastAuthorizedTime: new Date(record.authorizedAt),
  }
}

/** What the lists tell of a connection. */
export function connectionSummary(record: ConnectionRecord): object {
  return { ...connectionAnswer(record), Name: record.name, AuthorizationType: record.authKind }
}

/** How calls are let in, without what is secret. */
export function authAnswer({ auth, parameters }: ConnectionRecord): object {
  return { ...(auth === undefined ? {} : kindAnswer(auth)), InvocationHttpParameters: parametersAnswer(parameters) }
}

function kindAnswer(auth: ConnectionAuth): object {
  switch (auth.kind) {
    case 'BASIC':
      return { BasicAuthParameters: { Username: auth.user } }
    case 'API_KEY':
      return { ApiKeyAuthParameters: { ApiKeyName: auth.name } }
    case 'OAUTH_CLIENT_CREDENTIALS':
      return {
        OAuthParameters: {
          ClientParameters: { ClientID: auth.clientId },
          AuthorizationEndpoint: auth.endpoint,
          HttpMethod: auth.method,
          OAuthHttpParameters: parametersAnswer(auth.parameters),
        },
      }
  }
}

function parametersAnswer({ headers, query, body }: CallParameters): object | undefined {
  if (headers.length + query.length + body.length === 0) return undefined
  const listOf = (list: CallParameters['headers']) =>
    list.length === 0
      ? undefined
      : list.map(({ key, value, secret }) => ({ Key: key, Value: secret ? undefined : value, IsValueSecret: secret }))
  return { HeaderParameters: listOf(headers), QueryStringParameters: listOf(query), BodyParameters: listOf(body) }
}
