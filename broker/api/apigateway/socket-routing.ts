import { randomUUID } from 'node:crypto'
import type { Broker } from '../../broker.ts'
import type { SocketRoute } from '../../modes/socket-apis.ts'
import { selectionPath } from './api-description.ts'
import type { IntegrationAnswer, IntegrationOutcome, IntegrationRunner } from './integration-runner.ts'
import { functionIn } from './integration-target.ts'
import { authorized, type IdentityPlace, identityPlace } from './socket-authorizer.ts'
import { authorizerEvent, type SocketClient, type SocketHappening, socketEvent } from './socket-event.ts'

/** How long an authorizer may take (AWS: 29 seconds). */
const authorizerMillisMax = 29_000

/** What came of an event: `none` where no route has it, `failed` where its integration did not do it. */
type Outcome = 'none' | IntegrationOutcome

/** Whether a client may connect; when not, what it is answered. */
export interface ConnectOutcome {
  readonly status: number
  readonly body: string
  /** The subprotocol that the function chose. */
  readonly protocol?: string
}

/** Brings what one client does to the integrations that its API's deployed routes name, and their answers back. */
export class SocketRouting {
  readonly #broker: Broker
  readonly #integrations: IntegrationRunner
  #client: SocketClient

  constructor(broker: Broker, integrations: IntegrationRunner, client: SocketClient) {
    this.#broker = broker
    this.#integrations = integrations
    this.#client = client
  }

  /** Whether the client may connect: as the authorizer and then the integration of `$connect` say, or, without them, yes. */
  async connect(headers: Readonly<Record<string, string>>, query: URLSearchParams): Promise<ConnectOutcome> {
    const what = { type: 'CONNECT', headers, query } as const
    const refusal = await this.#authorize(what)
    if (refusal !== undefined) return refusal
    const outcome = await this.#run('$connect', what)
    if (outcome === 'none') return { status: 200, body: '' }
    if (outcome === 'failed') return refused(502, 'Internal server error')
    const status = outcome.statusCode === undefined ? 200 : Number(outcome.statusCode)
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      return refused(502, 'Internal server error')
    }
    const protocol = protocolIn(outcome.headers)
    return { status, body: textOf(outcome), ...(protocol === undefined ? {} : { protocol }) }
  }

  /** What is sent back for a message; undefined for nothing. */
  async message(text: string): Promise<string | undefined> {
    const requestId = newRequestId()
    const key = this.#keyOf(text)
    const routeKey = key !== undefined && this.#route(key) !== undefined ? key : '$default'
    const route = this.#route(routeKey)
    const outcome = await this.#run(routeKey, { type: 'MESSAGE', body: text }, requestId)
    const { id: connectionId } = this.#client
    if (outcome === 'none') return JSON.stringify({ message: 'Forbidden', connectionId, requestId })
    if (outcome === 'failed') return JSON.stringify({ message: 'Internal server error', connectionId, requestId })
    const replies = route !== undefined && Object.keys(route.responses).length > 0
    return replies && outcome.body !== undefined ? textOf(outcome) : undefined
  }

  /** Tells the function of `$disconnect`, if there is one, that the client is gone. */
  async disconnect(code: number, reason: string): Promise<void> {
    await this.#run('$disconnect', { type: 'DISCONNECT', code, reason })
  }

  /** What the client is answered that the route's authorizer keeps out; undefined when it is let in, and known from then on. */
  async #authorize(what: SocketHappening & { readonly type: 'CONNECT' }): Promise<ConnectOutcome | undefined> {
    const { apiId, stage, stageVariables } = this.#client
    const { authorizerId } = this.#route('$connect') ?? {}
    if (authorizerId === undefined) return undefined
    const authorizer = this.#broker.socketApis.deployed(apiId, stage)?.authorizers[authorizerId]
    const target = functionIn(authorizer?.authorizerUri)
    if (authorizer === undefined || target === undefined) return refused(500, 'Internal server error')
    const has = (place: IdentityPlace | undefined) =>
      place !== undefined && identityIn(place, what, stageVariables) !== ''
    if (!authorizer.identitySource.every((source) => has(identityPlace(source)))) return refused(401, 'Unauthorized')
    const methodArn = `arn:aws:execute-api:${target.region}:${target.account}:${apiId}/${stage}/$connect`
    const times = { requestId: newRequestId(), now: this.#broker.clock.now() }
    const answer = await this.#integrations.invoke(
      target,
      authorizerEvent(this.#client, methodArn, times, what),
      authorizerMillisMax,
    )
    const result = typeof answer === 'object' ? authorized(answer, methodArn) : 'invalid'
    if (result === 'invalid') return refused(500, 'Internal server error')
    if (result === 'denied') return refused(403, 'Forbidden')
    this.#client = { ...this.#client, authorizer: result }
    return undefined
  }

  #route(routeKey: string): SocketRoute | undefined {
    const deployed = this.#broker.socketApis.deployed(this.#client.apiId, this.#client.stage)
    return Object.values(deployed?.routes ?? {}).find((route) => route.routeKey === routeKey)
  }

  /** What the API's selection expression finds in a message. A message cannot name the routes of a connection's life. */
  #keyOf(text: string): string | undefined {
    const api = this.#broker.socketApis.records.get(this.#client.apiId)
    if (api === undefined) return undefined
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      // What is no JSON goes to $default.
      return undefined
    }
    for (const name of selectionPath(api.routeSelectionExpression)) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
      value = (value as Record<string, unknown>)[name]
    }
    const key = typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
    return key?.startsWith('$') ? undefined : key
  }

  async #run(routeKey: string, what: SocketHappening, requestId = newRequestId()): Promise<Outcome> {
    const { socketApis, clock } = this.#broker
    const deployed = socketApis.deployed(this.#client.apiId, this.#client.stage)
    const route = this.#route(routeKey)
    if (deployed === undefined || route === undefined) return 'none'
    const integration = deployed.integrations[route.target?.replace(/^integrations\//, '') ?? '']
    if (integration === undefined) return 'failed'
    return this.#integrations.run(
      integration,
      socketEvent(this.#client, routeKey, { requestId, now: clock.now() }, what),
    )
  }
}

function refused(status: number, message: string): ConnectOutcome {
  return { status, body: JSON.stringify({ message }) }
}

/** What a request has at a place; empty for nothing. */
function identityIn(
  { kind, name }: IdentityPlace,
  { headers, query }: SocketHappening & { readonly type: 'CONNECT' },
  stageVariables: Readonly<Record<string, string>>,
): string {
  if (kind === 'querystring') return query.get(name) ?? ''
  if (kind === 'stageVariables') return stageVariables[name] ?? ''
  return Object.entries(headers).find(([each]) => each.toLowerCase() === name.toLowerCase())?.[1] ?? ''
}

function textOf({ body, isBase64Encoded }: IntegrationAnswer): string {
  const text = body === undefined || body === null ? '' : typeof body === 'string' ? body : JSON.stringify(body)
  return isBase64Encoded === true ? Buffer.from(text, 'base64').toString() : text
}

function protocolIn(headers: unknown): string | undefined {
  const entries = Object.entries(typeof headers === 'object' && headers !== null ? headers : {})
  const found = entries.find(([name]) => name.toLowerCase() === 'sec-websocket-protocol')?.[1]
  return typeof found === 'string' ? found : undefined
}

function newRequestId(): string {
  return `${randomUUID().replaceAll('-', '').slice(0, 14)}=`
}
