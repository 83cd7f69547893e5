import { randomBytes, randomUUID } from 'node:crypto'
import type { Broker } from '../../broker.ts'
import type { FunctionTarget } from '../../modes/functions.ts'
import type { SocketRoute } from '../../modes/socket-apis.ts'
import { MillraceError } from '../../wire/errors.ts'
import { selectionPath } from './api-description.ts'
import { type SocketClient, socketEvent } from './socket-event.ts'

/** What a function's answer to an event says; all of it may be missing. */
interface FunctionAnswer {
  readonly statusCode?: unknown
  readonly headers?: unknown
  readonly body?: unknown
  readonly isBase64Encoded?: unknown
}

/** What came of an event: `none` where no route has it, `failed` where its function did not do it. */
type Outcome = 'none' | 'failed' | FunctionAnswer

/** Whether a client may connect; when not, what it is answered. */
export interface ConnectOutcome {
  readonly status: number
  readonly body: string
  /** The subprotocol that the function chose. */
  readonly protocol?: string
}

/** The function that an integration's URI names; undefined when it names none. */
export function functionIn(uri: string | undefined): FunctionTarget | undefined {
  const arn =
    /\/functions\/arn:[^:]*:lambda:([^:]*):(\d{12}):function:([A-Za-z0-9_-]+)(?::([A-Za-z0-9_$-]+))?\/invocations$/
  const [, region, account, name, qualifier] = arn.exec(uri ?? '') ?? []
  if (region === undefined || account === undefined || name === undefined) return undefined
  return { name, region, account, ...(qualifier === undefined ? {} : { qualifier }) }
}

/** A connection's id, as API Gateway's look. */
export function newConnectionId(): string {
  return `${randomBytes(11).toString('base64url')}=`
}

/** Brings what one client does to the functions that its API's deployed routes name, and their answers back. */
export class SocketRouting {
  readonly #broker: Broker
  readonly #client: SocketClient

  constructor(broker: Broker, client: SocketClient) {
    this.#broker = broker
    this.#client = client
  }

  /** Whether the client may connect: as the function of `$connect` says, or, without one, yes. */
  async connect(headers: Readonly<Record<string, string>>, query: URLSearchParams): Promise<ConnectOutcome> {
    const outcome = await this.#run('$connect', { type: 'CONNECT', headers, query })
    if (outcome === 'none') return { status: 200, body: '' }
    if (outcome === 'failed') return { status: 502, body: JSON.stringify({ message: 'Internal server error' }) }
    const status = outcome.statusCode === undefined ? 200 : Number(outcome.statusCode)
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      return { status: 502, body: JSON.stringify({ message: 'Internal server error' }) }
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

  async #run(routeKey: string, what: Parameters<typeof socketEvent>[3], requestId = newRequestId()): Promise<Outcome> {
    const { socketApis, clock, onFault } = this.#broker
    const deployed = socketApis.deployed(this.#client.apiId, this.#client.stage)
    const route = this.#route(routeKey)
    if (deployed === undefined || route === undefined) return 'none'
    const integration = deployed.integrations[route.target?.replace(/^integrations\//, '') ?? '']
    if (integration === undefined) return 'failed'
    if (integration.integrationType === 'MOCK') return {}
    const target = functionIn(integration.integrationUri)
    if (target === undefined) return 'failed'
    const event = socketEvent(this.#client, routeKey, { requestId, now: clock.now() }, what)
    try {
      return await this.#invoke(target, event, integration.timeoutInMillis)
    } catch (error) {
      if (!(error instanceof MillraceError) || error.code === 'internal') onFault(error)
      return 'failed'
    }
  }

  async #invoke(target: FunctionTarget, event: object, millis: number): Promise<Outcome> {
    const { functions, wall } = this.#broker
    const invoked = functions.invoke(target, { payload: Buffer.from(JSON.stringify(event)) })
    let giveUp: () => void = () => undefined
    const late = new Promise<undefined>((resolve) => {
      giveUp = () => resolve(undefined)
    })
    const timer = wall.after(millis, giveUp)
    try {
      const result = await Promise.race([invoked, late])
      if (result === undefined || result.failed) return 'failed'
      const value: unknown = JSON.parse(Buffer.from(result.payload).toString() || 'null')
      return typeof value === 'object' && value !== null ? value : {}
    } catch (error) {
      if (error instanceof SyntaxError) return 'failed'
      throw error
    } finally {
      timer.cancel()
      // Nobody waits for what comes too late.
      invoked.catch(() => undefined)
    }
  }
}

function textOf({ body, isBase64Encoded }: FunctionAnswer): string {
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
