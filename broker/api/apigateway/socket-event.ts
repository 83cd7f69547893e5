import { randomUUID } from 'node:crypto'
import type { AuthorizerContext } from './socket-authorizer.ts'

/** A client of a WebSocket API, as its events tell of it. */
export interface SocketClient {
  readonly id: string
  readonly apiId: string
  readonly stage: string
  readonly stageVariables: Readonly<Record<string, string>>
  /** Host and port as the client knows them; with the stage, where `@connections` is. */
  readonly domainName: string
  readonly connectedAt: number
  readonly sourceIp: string
  readonly userAgent: string
  /** Who it is, where an authorizer said so. */
  readonly authorizer?: AuthorizerContext
}

/** What an integration is told of what a client did. */
export interface SocketEvent {
  readonly requestContext: Readonly<Record<string, unknown>>
  readonly isBase64Encoded: boolean
  /** Of messages. */
  readonly body?: string
  /** Of the request that connects, as is its query. */
  readonly headers?: Readonly<Record<string, string>>
  readonly queryStringParameters?: Readonly<Record<string, string>>
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>
  readonly multiValueQueryStringParameters?: Readonly<Record<string, readonly string[]>>
  readonly stageVariables?: Readonly<Record<string, string>>
}

export type SocketHappening =
  | { readonly type: 'CONNECT'; readonly headers: Readonly<Record<string, string>>; readonly query: URLSearchParams }
  | { readonly type: 'MESSAGE'; readonly body: string }
  | { readonly type: 'DISCONNECT'; readonly code: number; readonly reason: string }

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** What a function is handed for what a client did (API Gateway developer guide, "Lambda proxy integration for WebSocket APIs"). */
export function socketEvent(
  client: SocketClient,
  routeKey: string,
  { requestId, now }: { readonly requestId: string; readonly now: number },
  what: SocketHappening,
): SocketEvent {
  const requestContext = {
    routeKey,
    ...(what.type === 'MESSAGE' ? { messageId: `${randomUUID().slice(0, 13).replace('-', '')}=` } : {}),
    ...(what.type === 'DISCONNECT' ? { disconnectStatusCode: what.code, disconnectReason: what.reason } : {}),
    eventType: what.type,
    extendedRequestId: requestId,
    requestTime: requestTime(now),
    messageDirection: 'IN',
    stage: client.stage,
    connectedAt: client.connectedAt,
    requestTimeEpoch: now,
    ...(client.authorizer === undefined ? {} : { authorizer: client.authorizer }),
    identity: { sourceIp: client.sourceIp, userAgent: client.userAgent },
    requestId,
    domainName: client.domainName,
    connectionId: client.id,
    apiId: client.apiId,
  }
  const variables = Object.keys(client.stageVariables).length === 0 ? {} : { stageVariables: client.stageVariables }
  if (what.type === 'MESSAGE') return { requestContext, body: what.body, isBase64Encoded: false, ...variables }
  if (what.type === 'DISCONNECT') return { requestContext, isBase64Encoded: false, ...variables }
  return { ...connectParts(what.headers, what.query), requestContext, isBase64Encoded: false, ...variables }
}

/** What an authorizer is handed: the request that connects, and the ARN of what it would do. */
export function authorizerEvent(
  client: SocketClient,
  methodArn: string,
  times: { readonly requestId: string; readonly now: number },
  what: SocketHappening & { readonly type: 'CONNECT' },
): object {
  return { type: 'REQUEST', methodArn, ...socketEvent(client, '$connect', times, what) }
}

function connectParts(
  headers: Readonly<Record<string, string>>,
  query: URLSearchParams,
): Omit<SocketEvent, 'requestContext' | 'isBase64Encoded'> {
  const names = [...new Set(query.keys())]
  const parameters =
    names.length === 0
      ? {}
      : {
          queryStringParameters: Object.fromEntries(names.map((name) => [name, query.getAll(name).at(-1) ?? ''])),
          multiValueQueryStringParameters: Object.fromEntries(names.map((name) => [name, query.getAll(name)])),
        }
  const multiValueHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]))
  return { headers, multiValueHeaders, ...parameters }
}

/** `13/Dec/2020:10:17:47 +0000`. */
function requestTime(now: number): string {
  const date = new Date(now)
  const [day, year, time] = [date.getUTCDate(), date.getUTCFullYear(), date.toISOString().slice(11, 19)]
  return `${String(day).padStart(2, '0')}/${months[date.getUTCMonth()]}/${year}:${time} +0000`
}
