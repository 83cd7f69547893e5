import type { Dispatch } from '../api/dispatch.ts'
import type { ApiRequest, CallOperation, Operation, StreamOperation } from '../api/operation.ts'
import type { Broker } from '../broker.ts'
import { MillraceError } from '../wire/errors.ts'
import { frameTypes, jsonFrame } from '../wire/frame.ts'
import { fullAccess } from './access.ts'
import type { Authorization } from './authorization.ts'
import type { AwsHandler } from './aws-handler.ts'
import { type ClientScript, clientScriptPath } from './client-script.ts'
import { type Console, consolePath } from './console.ts'
import { FunctionDoor } from './function-door.ts'
import { Bodies, decodeBody, encodeBody } from './http-body.ts'
import { boundAnswer, isGone, openChannel, type Request, type Response, sayContinue, seeOff } from './http-exchange.ts'
import type { Origins } from './origins.ts'

const framesType = 'application/vnd.millrace.frames'

/** Who is let in, and to what. */
export interface RequestDoors {
  readonly authorization: Authorization
  readonly origins: Origins
  readonly aws: AwsHandler
  readonly script: ClientScript
  readonly console: Console
}

type Target = Pick<ApiRequest, 'params' | 'query' | 'may'>

/** Answers HTTP requests, of either version: AWS's by its door, all others with the operations of a dispatch. */
export class RequestHandler {
  readonly #broker: Broker
  readonly #dispatch: Dispatch
  readonly #doors: RequestDoors
  readonly #functions: FunctionDoor
  readonly #bodies: Bodies
  /** Calls that are being answered; long streams are the broker's to count. */
  #calls = 0
  #idle: (() => void)[] = []

  constructor(broker: Broker, dispatch: Dispatch, doors: RequestDoors) {
    this.#broker = broker
    this.#dispatch = dispatch
    this.#doors = doors
    this.#functions = new FunctionDoor(broker, doors)
    this.#bodies = new Bodies(broker)
  }

  /** Answers one request; nothing it does throws or rejects. */
  handle(request: Request, response: Response): void {
    request.on('error', () => undefined)
    response.on('error', () => undefined)
    this.#handle(request, response).catch((error: unknown) =>
      this.#refuse(request, response, MillraceError.wrap(error)),
    )
  }

  /** Resolves when no call is being answered. */
  idle(): Promise<void> {
    return this.#calls === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve))
  }

  async #handle(request: Request, response: Response): Promise<void> {
    // What a function URL answers, CORS included, is the function's own.
    const routed = this.#functions.routeOf(request)
    if (routed !== undefined) return this.#count(response, () => this.#functions.handle(routed, request, response))
    const { authorization, origins, aws, script, console } = this.#doors
    const { path, query } = targetOf(request.url ?? '/')
    if (methodOf(request) === 'GET') {
      if (path === clientScriptPath) return script.answer(request, response)
      if (path === consolePath || path.startsWith(`${consolePath}/`)) return console.answer(path, request, response)
    }
    origins.check(request.headers)
    if (aws.recognizes(request)) return this.#count(response, () => aws.handle(request, response))
    const { operation, params } = this.#dispatch.find(methodOf(request), path)
    // Whoever asks whether the broker is up, a load balancer say, has no token.
    const access =
      operation.path === '/healthz' ? fullAccess : authorization.check(credentials(request, operation, query))
    const target = { params, query, may: access.require(operation, params) }
    if ('run' in operation) await this.#count(response, () => this.#call(operation, target, request, response))
    else await this.#open(operation, target, request, response)
  }

  /** Counts a call until its answer is out, or nobody waits for it: a drain waits that long. */
  #count(response: Response, call: () => Promise<void>): Promise<void> {
    this.#calls++
    response.on('close', () => {
      if (--this.#calls === 0) for (const resolve of this.#idle.splice(0)) resolve()
    })
    return call()
  }

  async #call(operation: CallOperation, target: Target, request: Request, response: Response): Promise<void> {
    const abandoned = new AbortController()
    response.on('close', () => {
      // Behind an answer nobody listens any more.
      if (!response.writableEnded) abandoned.abort()
    })
    const { body, release } = await this.#body(request, response)
    try {
      const { signal } = abandoned
      const { status = 200, body: value } = await operation.run(this.#broker, { ...target, body, signal })
      this.#answer(request, response, status, value)
    } finally {
      release()
    }
  }

  async #open(operation: StreamOperation, target: Target, request: Request, response: Response): Promise<void> {
    const { body, release } = operation.takes === 'body' ? await this.#body(request, response) : nothing
    if (request.method === 'HEAD') {
      throw new MillraceError('method_not_allowed', { path: operation.path, method: 'HEAD', allowed: operation.method })
    }
    const signal = new AbortController().signal
    const place = request.headers['last-event-id']
    const lastEventId = typeof place === 'string' ? { lastEventId: place } : {}
    const start = await operation.prepare(this.#broker, { ...target, body, signal, ...lastEventId })
    release()
    if (isGone(response)) return
    if (operation.takes === 'channel') sayContinue(request, response)
    const headers = { 'content-type': operation.contentType ?? framesType, ...headersForPage(request) }
    const channel = openChannel(this.#broker, request, response, headers)
    try {
      start(channel)
    } catch (error) {
      // The answer has begun: what is wrong can only be said within it.
      const wrapped = MillraceError.wrap(error)
      if (wrapped.code === 'internal') this.#broker.onFault(error)
      channel.write(jsonFrame(frameTypes.error, 0, wrapped))
      channel.end()
    }
  }

  async #body(request: Request, response: Response): Promise<{ body: unknown; release: () => void }> {
    const { bytes, release } = await this.#bodies.read(request, () => sayContinue(request, response))
    try {
      return { body: decodeBody(request.headers, bytes), release }
    } catch (error) {
      release()
      throw error
    }
  }

  #refuse(request: Request, response: Response, error: MillraceError): void {
    if (error.code === 'internal') this.#broker.onFault(error.cause ?? error)
    if (response.headersSent || isGone(response)) response.destroy()
    else this.#answer(request, response, error.status, error)
  }

  #answer(request: Request, response: Response, status: number, value: unknown): void {
    if (isGone(response) || response.headersSent) return
    const leftover = !request.complete
    const headers = {
      ...(value instanceof MillraceError ? headersOf(value) : {}),
      ...(value instanceof MillraceError && value.code === 'origin_refused' ? {} : headersForPage(request)),
      ...(request.httpVersionMajor === 1 && this.#broker.draining ? { connection: 'close' } : {}),
    }
    if (leftover) seeOff(this.#broker, request, response)
    if (status === 204 || value === undefined) {
      response.writeHead(status, headers)
      response.end()
      return
    }
    const { type, bytes } = encodeBody(request.headers, value)
    boundAnswer(this.#broker, response, bytes.length)
    response.writeHead(status, { ...headers, 'content-type': type, 'content-length': bytes.length })
    response.end(bytes)
  }
}

const nothing = { body: undefined, release: () => undefined }

/** The token of a request: in its header, or for an EventSource, which cannot set one, in the query (RFC 6750 section 2.3). */
function credentials({ headers }: Request, operation: Operation, query: Record<string, string>): string | undefined {
  const token = 'takes' in operation && operation.takes === 'query' ? query['token'] : undefined
  return headers.authorization ?? (token === undefined ? undefined : `Bearer ${token}`)
}

/** What lets the browser give an answer to the page that asked; by then it was checked that it may. */
function headersForPage({ headers: { origin } }: Request): Record<string, string> {
  return origin === undefined ? {} : { 'access-control-allow-origin': origin, vary: 'origin' }
}

/** The headers that HTTP wants beside some errors. */
function headersOf(error: MillraceError): Record<string, string> {
  if (error.code === 'method_not_allowed') return { allow: String(error.details['allowed']) }
  if (error.code === 'unauthorized') return { 'www-authenticate': 'Bearer' }
  return error.status === 429 || error.status === 503 || error.status === 507 ? { 'retry-after': '1' } : {}
}

/** What a request is for. It is not resolved as a URL: then `..` in it would name something else than it says. */
function targetOf(url: string): { path: string; query: Record<string, string> } {
  // A proxy may send the whole URL (RFC 9112 section 3.2.2).
  const local = url.replace(/^https?:\/\/[^/?]*/i, '')
  const mark = local.indexOf('?')
  if (mark < 0) return { path: local, query: {} }
  return { path: local.slice(0, mark), query: Object.fromEntries(new URLSearchParams(local.slice(mark))) }
}

/** HEAD is answered as GET is; Node leaves the body out. */
function methodOf({ method = '' }: Request): string {
  return method === 'HEAD' ? 'GET' : method
}
