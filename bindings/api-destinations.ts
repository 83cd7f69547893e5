import type { CallParameters, ConnectionAuth, ConnectionSecrets } from '../broker/wire/connection.ts'
import { MillraceError } from '../broker/wire/errors.ts'
import type { HttpDelivery, HttpTarget } from './http-target.ts'
import type { Delivered } from './targets.ts'
import type { Time } from './time.ts'

/** A token is given up so long before it runs out. */
const marginMillis = 10_000
/** How long a token counts whose server does not say. */
const tokenMillisDefault = 60 * 60 * 1000

/** Finds the connection of an API destination, secrets and all. Throws when there is none. */
export type ConnectionOf = (destination: string) => ConnectionSecrets

type OAuth = Extract<ConnectionAuth, { readonly kind: 'OAUTH_CLIENT_CREDENTIALS' }>

/** What lets a call in, or how asking for it ended. */
type Pass =
  | { readonly kind: 'headers'; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: 'refused'; readonly answer: Delivered }

interface Token {
  readonly header: string
  readonly modifiedAt: number
  readonly expires: number
}

/** Calls HTTP endpoints as their connections say: with a name and a password, with a key, or with a token that is fetched first. */
export class ApiDestinations {
  readonly #http: HttpTarget
  readonly #time: Time
  readonly #connectionOf: ConnectionOf
  readonly #tokens = new Map<string, Token>()

  constructor(http: HttpTarget, time: Time, connectionOf: ConnectionOf) {
    this.#http = http
    this.#time = time
    this.#connectionOf = connectionOf
  }

  /** @throws MillraceError when the destination or its connection is gone */
  async send(destination: string, delivery: HttpDelivery): Promise<Delivered> {
    const connection = this.#connectionOf(destination)
    const { auth, parameters, name } = connection
    if (auth === undefined) throw new MillraceError('connection_not_found', { connection: `${name} (deauthorized)` })
    const pass = await this.#passOf(auth, connection, delivery)
    if (pass.kind === 'refused') return pass.answer
    const result = await this.#http.send(withParameters(delivery, parameters, pass.headers))
    // A token may be taken back before its time.
    if (result.status === 401) this.#tokens.delete(name)
    return result
  }

  async #passOf(auth: ConnectionAuth, connection: ConnectionSecrets, { answerMillisMax }: HttpDelivery): Promise<Pass> {
    if (auth.kind === 'API_KEY') return { kind: 'headers', headers: { [auth.name.toLowerCase()]: auth.value } }
    if (auth.kind === 'BASIC') {
      const authorization = `Basic ${Buffer.from(`${auth.user}:${auth.password}`).toString('base64')}`
      return { kind: 'headers', headers: { authorization } }
    }
    const { name, modifiedAt } = connection
    const known = this.#tokens.get(name)
    if (known?.modifiedAt === modifiedAt && known.expires > this.#time.now())
      return { kind: 'headers', headers: { authorization: known.header } }
    const request = tokenRequest(auth)
    const answer = await this.#http.send(answerMillisMax === undefined ? request : { ...request, answerMillisMax })
    if (answer.failed) return { kind: 'refused', answer }
    const token = tokenIn(answer.payload)
    if (token === undefined) throw new MillraceError('token_missing', { connection: name, endpoint: auth.endpoint })
    const expires = this.#time.now() + token.millis - marginMillis
    this.#tokens.set(name, { header: token.header, modifiedAt, expires })
    return { kind: 'headers', headers: { authorization: token.header } }
  }
}

/** How a client asks for a token with its own credentials (RFC 6749, section 4.4.2). */
function tokenRequest({ endpoint, method, clientId, clientSecret, parameters }: OAuth): HttpDelivery {
  const own = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }
  const fields: Record<string, string> = { ...own, ...valuesOf(parameters.body) }
  const headers = { 'content-type': 'application/x-www-form-urlencoded', ...lowerCased(valuesOf(parameters.headers)) }
  const query = { ...(method === 'GET' ? fields : {}), ...valuesOf(parameters.query) }
  const isJson = headers['content-type'].includes('json')
  const body = Buffer.from(isJson ? JSON.stringify(fields) : new URLSearchParams(fields).toString())
  return { url: withQuery(endpoint, query), method, headers, body }
}

function tokenIn(payload: Uint8Array): { readonly header: string; readonly millis: number } | undefined {
  let answer: { readonly access_token?: unknown; readonly token_type?: unknown; readonly expires_in?: unknown } | null
  try {
    answer = JSON.parse(Buffer.from(payload).toString())
  } catch {
    // What is no JSON holds no token.
    return undefined
  }
  const { access_token: token, token_type: type, expires_in: seconds } = answer ?? {}
  if (typeof token !== 'string') return undefined
  const millis = typeof seconds === 'number' && seconds > 0 ? seconds * 1_000 : tokenMillisDefault
  // Servers write the one kind there is in any case.
  const kind = typeof type === 'string' && !/^bearer$/i.test(type) ? type : 'Bearer'
  return { header: `${kind} ${token}`, millis }
}

/** What is sent with each call of a connection. */
function withParameters(
  delivery: HttpDelivery,
  parameters: CallParameters,
  header: Readonly<Record<string, string>>,
): HttpDelivery {
  const headers = { ...delivery.headers, ...lowerCased(valuesOf(parameters.headers)), ...header }
  return {
    ...delivery,
    url: withQuery(delivery.url, valuesOf(parameters.query)),
    headers,
    body: withFields(delivery.body, valuesOf(parameters.body)),
  }
}

/** A body that is an object gets more members; any other stays as it is. */
function withFields(body: Uint8Array, fields: Readonly<Record<string, string>>): Uint8Array {
  if (Object.keys(fields).length === 0) return body
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString())
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return body
    return Buffer.from(JSON.stringify({ ...value, ...fields }))
  } catch {
    // A body that is no JSON has no members.
    return body
  }
}

function withQuery(url: string, query: Readonly<Record<string, string>>): string {
  const whole = new URL(url)
  for (const [name, value] of Object.entries(query)) whole.searchParams.append(name, value)
  return whole.href
}

function valuesOf(parameters: CallParameters['headers']): Record<string, string> {
  return Object.fromEntries(parameters.map(({ key, value }) => [key, value]))
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
