import type { Dispatch } from '../api/dispatch.ts'
import type { ApiRequest, CallOperation, StreamOperation } from '../api/operation.ts'
import type { Broker } from '../broker.ts'
import { MillraceError } from '../wire/errors.ts'
import { frameTypes, jsonFrame } from '../wire/frame.ts'
import type { Authorization } from './authorization.ts'
import type { AwsHandler } from './aws-handler.ts'
import { FunctionDoor } from './function-door.ts'
import { Bodies, decodeBody, encodeBody } from './http-body.ts'
import { boundAnswer, isGone, openChannel, type Request, type Response, sayContinue, seeOff } from './http-exchange.ts'

const framesType = 'application/vnd.millrace.frames'

/** Answers HTTP requests, of either version: AWS's by its door, all others with the operations of a dispatch. */
export class RequestHandler {
  readonly #broker: Broker
  readonly #dispatch: Dispatch
  readonly #authorization: Authorization
  readonly #aws: AwsHandler
  readonly #functions: FunctionDoor
  readonly #bodies: Bodies
  /** Calls that are being answered; long streams are the broker's to count. */
  #calls = 0
  #idle: (() => void)[] = []

  constructor(broker: Broker, dispatch: Dispatch, authorization: Authorization, aws: AwsHandler) {
    this.#broker = broker
    this.#dispatch = dispatch
    this.#authorization = authorization
    this.#aws = aws
    this.#functions = new FunctionDoor(broker, authorization, aws)
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
    if (this.#functions.recognizes(request))
      return this.#count(response, () => this.#functions.handle(request, response))
    if (this.#aws.recognizes(request)) return this.#count(response, () => this.#aws.handle(request, response))
    const { path, query } = targetOf(request.url ?? '/')
    const { operation, params } = this.#dispatch.find(methodOf(request), path)
    // Whoever asks whether the broker is up, a load balancer say, has no token.
    if (operation.path !== '/healthz') this.#authorization.check(request.headers.authorization)
    if ('run' in operation)
      await this.#count(response, () => this.#call(operation, { params, query }, request, response))
    else await this.#open(operation, { params, query }, request, response)
  }

  /** Counts a call until its answer is out, or nobody waits for it: a drain waits that long. */
  #count(response: Response, call: () => Promise<void>): Promise<void> {
    this.#calls++
    response.on('close', () => {
      if (--this.#calls === 0) for (const resolve of this.#idle.splice(0)) resolve()
    })
    return call()
  }

  async #call(
    operation: CallOperation,
    target: Pick<ApiRequest, 'params' | 'query'>,
    request: Request,
    response: Response,
  ): Promise<void> {
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

  async #open(
    operation: StreamOperation,
    target: Pick<ApiRequest, 'params' | 'query'>,
    request: Request,
    response: Response,
  ): Promise<void> {
    const { body, release } = operation.takes === 'body' ? await this.#body(request, response) : nothing
    const signal = new AbortController().signal
    const start = await operation.prepare(this.#broker, { ...target, body, signal })
    release()
    if (isGone(response)) return
    if (operation.takes === 'channel') sayContinue(request, response)
    const channel = openChannel(this.#broker, request, response, { 'content-type': framesType })
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
