import { randomUUID } from 'node:crypto'
import type { Writable } from 'node:stream'
import { callElbTarget, callUrl, type FunctionRoute, refusedAnswer } from '../api/function-http/function-calls.ts'
import { type FunctionRequest, traceOf } from '../api/function-http/function-request.ts'
import type { StreamedAnswer } from '../api/function-http/prelude.ts'
import type { Broker } from '../broker.ts'
import { AwsError } from '../wire/aws-error.ts'
import { MillraceError } from '../wire/errors.ts'
import type { Authorization } from './authorization.ts'
import { type AwsHandler, headOf } from './aws-handler.ts'
import { Bodies } from './http-body.ts'
import { boundAnswer, isGone, type Request, type Response, sayContinue, seeOff } from './http-exchange.ts'
import type { Origins } from './origins.ts'

/** `ID.lambda-url.REGION.` and whatever name this machine has. */
const urlHost = /^([a-z0-9]{32})\.lambda-url\.[a-z0-9-]+\./
const urlPath = /^\/lambda-url\/([a-z0-9]{32})(\/[^?]*)?(?:\?(.*))?$/
const elbPath = /^\/alb(-multi)?\/([A-Za-z0-9_-]{1,64})(?::([A-Za-z0-9_$-]{1,128}))?(\/[^?]*)?(?:\?(.*))?$/

/** What a caller through a load balancer's address must be allowed. */
const invocation = { method: 'POST', path: '/v1/functions/{function}/invocations' }

/** Who is let in. */
export interface FunctionDoorOptions {
  readonly authorization: Authorization
  readonly aws: AwsHandler
  readonly origins: Origins
}

interface Routed {
  readonly route: FunctionRoute
  readonly path: string
  readonly query: string
}

/** Turns HTTP requests into calls of functions: those at a function's own address, and those for a function as a load balancer's target. */
export class FunctionDoor {
  readonly #broker: Broker
  readonly #authorization: Authorization
  readonly #aws: AwsHandler
  readonly #origins: Origins
  readonly #bodies: Bodies

  constructor(broker: Broker, { authorization, aws, origins }: FunctionDoorOptions) {
    this.#broker = broker
    this.#authorization = authorization
    this.#aws = aws
    this.#origins = origins
    this.#bodies = new Bodies(broker)
  }

  /** Which function a request is for, if it is for one. */
  routeOf(request: Request): Routed | undefined {
    return routeOf(request)
  }

  /** Answers a request for a function. */
  async handle({ route, path, query }: Routed, request: Request, response: Response): Promise<void> {
    try {
      // An address of its own is open to all, unless it says otherwise; a load balancer's is a way of this broker.
      if (route.kind === 'elb') {
        this.#origins.check(request.headers)
        this.#authorization.check(request.headers.authorization).require(invocation, {})
      }
      const limit = this.#broker.limits.invocationBytesMax
      const body = await this.#bodies.read(request, () => sayContinue(request, response), 0, limit)
      try {
        await this.#send(request, response, await this.#call(route, this.#requestOf(request, path, query, body.bytes)))
      } finally {
        body.release()
      }
    } catch (error) {
      const isFault = !(error instanceof AwsError) && MillraceError.wrap(error).code === 'internal'
      if (isFault) this.#broker.onFault(error)
      if (response.headersSent) response.destroy()
      else await this.#send(request, response, refusedAnswer(error))
    }
  }

  #call(route: FunctionRoute, request: FunctionRequest & { readonly raw: Request }): Promise<StreamedAnswer> {
    if (route.kind === 'elb') return callElbTarget(this.#broker, route, request)
    const signer = async () => (await this.#aws.opened()).signer(headOf(request.raw), request.body, 'lambda')
    return callUrl(this.#broker, route.id, request, signer)
  }

  #requestOf(raw: Request, path: string, query: string, body: Uint8Array): FunctionRequest & { readonly raw: Request } {
    const { headers, authority, secure, method } = headOf(raw)
    const time = this.#broker.clock.now()
    return {
      raw,
      method,
      path,
      query,
      headers,
      body,
      authority,
      secure,
      protocol: `HTTP/${raw.httpVersion}`,
      sourceAddress: (raw.socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, ''),
      requestId: randomUUID(),
      time,
      trace: traceOf(headers, time),
    }
  }

  async #send(request: Request, response: Response, { status, headers, body }: StreamedAnswer): Promise<void> {
    const isStreamed = !(body instanceof Uint8Array)
    if (isGone(response) || response.headersSent) {
      if (isStreamed) await drop(body)
      return
    }
    if (!request.complete) seeOff(this.#broker, request, response)
    // Such an answer ends with its head (RFC 9110 section 6.4.1).
    if (status === 204 || status === 304 || (isStreamed && request.method === 'HEAD')) {
      response.writeHead(status, linesOf(headers))
      response.end()
      if (isStreamed) await drop(body)
      return
    }
    if (isStreamed) {
      response.writeHead(status, linesOf(headers))
      return sendPieces(response, body)
    }
    boundAnswer(this.#broker, response, body.length)
    response.writeHead(status, { ...linesOf(headers), 'content-length': body.length })
    response.end(body)
  }
}

/** Writes pieces no faster than they are taken; a function that fails in the middle ends the connection, so that nobody takes it for whole. */
async function sendPieces(response: Response, pieces: AsyncGenerator<Uint8Array, void, undefined>): Promise<void> {
  const writable: Writable = response
  try {
    for await (const piece of pieces) {
      if (isGone(response)) return
      if (!writable.write(piece)) await drained(writable)
    }
    response.end()
  } catch {
    // What failed is the function, which has its own log.
    response.destroy()
  }
}

/** Lets a function that writes what nobody takes go on; one that was never read must be read to know that it is over. */
async function drop(pieces: AsyncGenerator<Uint8Array, void, undefined>): Promise<void> {
  try {
    await pieces.next()
    await pieces.return()
  } catch {
    // It failed in the middle of what nobody takes: that is in its own log.
  }
}

function drained(writable: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      writable.off('drain', done)
      writable.off('close', done)
      resolve()
    }
    writable.on('drain', done)
    writable.on('close', done)
  })
}

function linesOf(headers: StreamedAnswer['headers']): Record<string, string | string[]> {
  const lines = Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]])
  return Object.fromEntries(lines)
}

function routeOf(request: Request): Routed | undefined {
  const { url, authority } = headOf(request)
  const local = url.replace(/^https?:\/\/[^/?]*/i, '')
  const id = urlHost.exec(authority)?.[1]
  if (id !== undefined) {
    const mark = local.indexOf('?')
    const [path, query] = mark < 0 ? [local, ''] : [local.slice(0, mark), local.slice(mark + 1)]
    return { route: { kind: 'url', id }, path: path || '/', query }
  }
  const own = urlPath.exec(local)
  if (own !== null) {
    return { route: { kind: 'url', id: own[1] as string }, path: own[2] ?? '/', query: own[3] ?? '' }
  }
  const elb = elbPath.exec(local)
  if (elb === null) return undefined
  const [, multi, name = '', qualifier, path = '/', query = ''] = elb
  return { route: { kind: 'elb', function: name, qualifier, multi: multi !== undefined }, path, query }
}
