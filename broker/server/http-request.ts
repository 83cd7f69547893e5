import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse, ServerHttp2Stream } from 'node:http2'
import type { Dispatch } from '../api/dispatch.ts'
import type { ApiRequest, CallOperation, StreamOperation } from '../api/operation.ts'
import type { Broker } from '../broker.ts'
import { MillraceError } from '../wire/errors.ts'
import type { Authorization } from './authorization.ts'
import { decodeBody, encodeBody, readBody } from './http-body.ts'
import { HttpChannel } from './http-channel.ts'

export type Request = IncomingMessage | Http2ServerRequest
export type Response = ServerResponse | Http2ServerResponse

const framesType = 'application/vnd.millrace.frames'

/** Answers HTTP requests, of either version, with the operations of a dispatch. */
export class RequestHandler {
  readonly #broker: Broker
  readonly #dispatch: Dispatch
  readonly #authorization: Authorization

  constructor(broker: Broker, dispatch: Dispatch, authorization: Authorization) {
    this.#broker = broker
    this.#dispatch = dispatch
    this.#authorization = authorization
  }

  /** Answers one request; nothing it does throws or rejects. */
  handle(request: Request, response: Response): void {
    request.on('error', () => undefined)
    response.on('error', () => undefined)
    this.#handle(request, response).catch((error: unknown) =>
      this.#refuse(request, response, MillraceError.wrap(error)),
    )
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
    response.on('close', () => abandoned.abort())
    const body = await this.#body(request)
    const { status = 200, body: value } = await operation.run(this.#broker, {
      ...target,
      body,
      signal: abandoned.signal,
    })
    answer(request, response, status, value)
  }

  async #open(
    operation: StreamOperation,
    target: Pick<ApiRequest, 'params' | 'query'>,
    request: Request,
    response: Response,
  ): Promise<void> {
    const body = operation.takes === 'body' ? await this.#body(request) : undefined
    const start = await operation.prepare(this.#broker, { ...target, body, signal: new AbortController().signal })
    if (response.destroyed) return
    if ('stream' in response) {
      // The compatibility layer's own streams would copy and count every chunk once more.
      const stream = response.stream as ServerHttp2Stream
      stream.respond({ ':status': 200, 'content-type': framesType })
      start(new HttpChannel(stream, stream))
    } else {
      response.writeHead(200, { 'content-type': framesType })
      response.flushHeaders()
      start(new HttpChannel(request, response))
    }
  }

  async #body(request: Request): Promise<unknown> {
    return decodeBody(request.headers, await readBody(request, this.#broker.limits.bodyBytesMax))
  }

  #refuse(request: Request, response: Response, error: MillraceError): void {
    if (error.code === 'internal') this.#broker.onFault(error.cause ?? error)
    if (response.headersSent || response.destroyed) {
      response.destroy()
      return
    }
    answer(request, response, error.status, error)
    // A body that is not wanted must not keep the connection: over HTTP/1.1 it would be read as the next request.
    request.resume()
  }
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

function answer(request: Request, response: Response, status: number, value: unknown): void {
  if (response.destroyed || response.headersSent) return
  if (status === 204 || value === undefined) {
    response.writeHead(status)
    response.end()
    return
  }
  const { type, bytes } = encodeBody(request.headers, value)
  response.writeHead(status, { 'content-type': type, 'content-length': bytes.length })
  response.end(bytes)
}
