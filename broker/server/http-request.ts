import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse, ServerHttp2Stream } from 'node:http2'
import type { Dispatch } from '../api/dispatch.ts'
import type { ApiRequest, CallOperation, StreamOperation } from '../api/operation.ts'
import type { Broker } from '../broker.ts'
import { MillraceError } from '../wire/errors.ts'
import { frameTypes, jsonFrame } from '../wire/frame.ts'
import type { Authorization } from './authorization.ts'
import { Bodies, decodeBody, encodeBody } from './http-body.ts'
import { HttpChannel } from './http-channel.ts'

export type Request = IncomingMessage | Http2ServerRequest
export type Response = ServerResponse | Http2ServerResponse

const framesType = 'application/vnd.millrace.frames'

/** Answers HTTP requests, of either version, with the operations of a dispatch. */
export class RequestHandler {
  readonly #broker: Broker
  readonly #dispatch: Dispatch
  readonly #authorization: Authorization
  readonly #bodies: Bodies
  /** Calls that are being answered; long streams are the broker's to count. */
  #calls = 0
  #idle: (() => void)[] = []

  constructor(broker: Broker, dispatch: Dispatch, authorization: Authorization) {
    this.#broker = broker
    this.#dispatch = dispatch
    this.#authorization = authorization
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
    const { path, query } = targetOf(request.url ?? '/')
    const { operation, params } = this.#dispatch.find(methodOf(request), path)
    // Whoever asks whether the broker is up, a load balancer say, has no token.
    if (operation.path !== '/healthz') this.#authorization.check(request.headers.authorization)
    if ('run' in operation) await this.#call(operation, { params, query }, request, response)
    else await this.#open(operation, { params, query }, request, response)
  }

  async #call(
    operation: CallOperation,
    target: Pick<ApiRequest, 'params' | 'query'>,
    request: Request,
    response: Response,
  ): Promise<void> {
    const abandoned = new AbortController()
    this.#calls++
    response.on('close', () => {
      abandoned.abort()
      if (--this.#calls === 0) for (const resolve of this.#idle.splice(0)) resolve()
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
    const channel = this.#channel(request, response)
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

  #channel(request: Request, response: Response): HttpChannel {
    const { wall: clock, limits, onFault } = this.#broker
    const options = { clock, lingerMillis: limits.lingerMillisMax, onFault }
    if ('stream' in response) {
      // The compatibility layer's own streams would copy and count every chunk once more.
      const stream = response.stream as ServerHttp2Stream
      stream.respond({ ':status': 200, 'content-type': framesType })
      return new HttpChannel(stream, stream, options)
    }
    response.writeHead(200, { 'content-type': framesType })
    response.flushHeaders()
    return new HttpChannel(request, response, options)
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
    if (leftover) this.#seeOff(request, response)
    if (status === 204 || value === undefined) {
      response.writeHead(status, headers)
      response.end()
      return
    }
    const { type, bytes } = encodeBody(request.headers, value)
    if (bytes.length > unattendedBytesMax) this.#bound(response, this.#broker.limits.stallMillisMax)
    response.writeHead(status, { ...headers, 'content-type': type, 'content-length': bytes.length })
    response.end(bytes)
  }

  /**
   * The rest of a body that is not wanted. Over HTTP/1.1 it is read for a while, since closing at once would take the answer away
   * from a client that is still sending.
   */
  #seeOff(request: Request, response: Response): void {
    request.resume()
    if ('stream' in response) {
      response.on('finish', () => response.stream.close(0))
      this.#bound(response, this.#broker.limits.lingerMillisMax)
    } else this.#bound(request, this.#broker.limits.lingerMillisMax)
  }

  /** Ends what does not end by itself. */
  #bound(each: Request | Response, millis: number): void {
    const timer = this.#broker.wall.after(millis, () => each.destroy())
    each.on('close', () => timer.cancel())
  }
}

/** A larger answer that its client does not take is not kept for long; the smaller ones are not worth a timer each. */
const unattendedBytesMax = 64 * 1024

const nothing = { body: undefined, release: () => undefined }

/** Whether nobody is there to answer any more; the compatibility layer of HTTP/2 leaves `destroyed` out. */
function isGone(response: Response): boolean {
  return 'stream' in response ? response.stream === undefined || response.stream.destroyed : response.destroyed
}

/** Tells a client that waits for it to send its body: now it is wanted. */
function sayContinue(request: Request, response: Response): void {
  if (request.headers.expect?.toLowerCase() === '100-continue' && !isGone(response)) response.writeContinue()
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
