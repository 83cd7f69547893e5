import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const prefix = '/2018-06-01/runtime/'
/** What AWS takes as a response; one byte more is too much. */
export const responseBytesMax = 6_291_556
const streamBytesMax = 200 * 1024 * 1024
const errorBytesMax = 1024 * 1024

/** What a process is given to do: the headers and body of `invocation/next`. */
export interface Delivery {
  readonly requestId: string
  readonly headers: Readonly<Record<string, string>>
  readonly payload: Uint8Array
}

/** What the process says. Each is about the invocation `requestId`; false when that is not the one under way. */
export interface RuntimeEvents {
  /** It asks for work. */
  ready(): void
  responded(requestId: string, payload: Uint8Array): boolean
  /** A piece of a streamed response; the next one waits for a promise. */
  chunk(requestId: string, chunk: Uint8Array, contentType: string): boolean | Promise<void>
  /** The streamed response is over; with `error` in the middle. */
  streamEnded(requestId: string, error?: Uint8Array): boolean
  tooLarge(requestId: string): boolean
  failed(requestId: string, error: Uint8Array): boolean
  /** It could not even begin. */
  initFailed(error: Uint8Array): void
}

/**
 * Lambda's Runtime API for one process (docs.aws.amazon.com/lambda, "Using the Lambda runtime API"), on a loopback port of its own: who
 * asks there is that process.
 */
export class RuntimeApi {
  readonly #server: Server
  readonly #events: RuntimeEvents
  #waiting: ServerResponse | undefined

  private constructor(server: Server, events: RuntimeEvents) {
    this.#server = server
    this.#events = events
  }

  static async open(events: RuntimeEvents): Promise<RuntimeApi> {
    const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0, noDelay: true })
    const api = new RuntimeApi(server, events)
    server.on('request', (request, response) => api.#handle(request, response))
    server.on('clientError', (_error, socket) => socket.destroy())
    server.on('connection', (socket) => socket.unref())
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, '127.0.0.1', resolve)
    })
    server.unref()
    return api
  }

  /** What AWS_LAMBDA_RUNTIME_API says. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Hands over work; the process must have asked for it. */
  deliver({ headers, payload }: Delivery): void {
    const response = this.#waiting
    this.#waiting = undefined
    response?.writeHead(200, { 'content-type': 'application/json', 'content-length': payload.length, ...headers })
    response?.end(payload)
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    request.on('error', () => response.destroy())
    response.on('error', () => undefined)
    const path = request.url ?? ''
    if (request.method === 'GET' && path === `${prefix}invocation/next`) {
      this.#waiting = response
      this.#events.ready()
      return
    }
    const match = /^invocation\/([^/]+)\/(response|error)$/.exec(path.slice(prefix.length))
    if (request.method !== 'POST' || !path.startsWith(prefix)) refuse(request, response, 404, 'NotFound')
    else if (path === `${prefix}init/error`) this.#initError(request, response)
    else if (match === null) refuse(request, response, 404, 'NotFound')
    else if (match[2] === 'error') this.#error(match[1] as string, request, response)
    else if (isStreaming(request)) this.#stream(match[1] as string, request, response)
    else this.#response(match[1] as string, request, response)
  }

  #response(requestId: string, request: IncomingMessage, response: ServerResponse): void {
    readTo(request, responseBytesMax, (body) => {
      const known = body === undefined ? this.#events.tooLarge(requestId) : this.#events.responded(requestId, body)
      if (!known) refuse(request, response, 403, 'InvalidRequestID')
      else if (body === undefined) refuse(request, response, 413, 'RequestEntityTooLarge')
      else accept(response)
    })
  }

  #error(requestId: string, request: IncomingMessage, response: ServerResponse): void {
    readTo(request, errorBytesMax, (body) => {
      if (this.#events.failed(requestId, errorOf(request, body))) accept(response)
      else refuse(request, response, 403, 'InvalidRequestID')
    })
  }

  #initError(request: IncomingMessage, response: ServerResponse): void {
    readTo(request, errorBytesMax, (body) => {
      accept(response)
      this.#events.initFailed(errorOf(request, body))
    })
  }

  #stream(requestId: string, request: IncomingMessage, response: ServerResponse): void {
    let bytes = 0
    let refused = false
    const contentType = request.headers['content-type'] ?? 'application/octet-stream'
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (refused) return
      const isTooLarge = bytes > streamBytesMax
      const taken = isTooLarge ? !this.#events.tooLarge(requestId) : this.#events.chunk(requestId, chunk, contentType)
      if (typeof taken !== 'boolean') {
        request.pause()
        taken.then(() => request.resume())
      } else if (!taken) {
        refused = true
        refuse(request, response, isTooLarge ? 413 : 403, 'InvalidRequestID')
      }
    })
    request.on('end', () => {
      if (refused) return
      const body = request.trailers['lambda-runtime-function-error-body']
      const type = request.trailers['lambda-runtime-function-error-type']
      const error = type === undefined ? undefined : Buffer.from(body ?? '', 'base64')
      if (this.#events.streamEnded(requestId, error)) accept(response)
      else refuse(request, response, 403, 'InvalidRequestID')
    })
  }
}

function isStreaming({ headers }: IncomingMessage): boolean {
  return headers['lambda-runtime-function-response-mode'] === 'streaming'
}

/** Reads a body; undefined when it is larger than it may be, then the rest is dropped as it comes. */
function readTo(request: IncomingMessage, bytesMax: number, done: (body: Buffer | undefined) => void): void {
  const chunks: Buffer[] = []
  let bytes = 0
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= bytesMax) chunks.push(chunk)
  })
  request.on('end', () => done(bytes > bytesMax ? undefined : Buffer.concat(chunks)))
}

/** What a runtime says went wrong; one that says nothing but a type in a header gets a body made of it. */
function errorOf({ headers }: IncomingMessage, body: Buffer | undefined): Uint8Array {
  if (body !== undefined && body.length > 0) return body
  const errorType = String(headers['lambda-runtime-function-error-type'] ?? 'Runtime.Unknown')
  return Buffer.from(JSON.stringify({ errorMessage: 'The runtime reported an error without a message.', errorType }))
}

function accept(response: ServerResponse): void {
  answer(response, 202, { status: 'OK' })
}

function refuse(request: IncomingMessage, response: ServerResponse, status: number, errorType: string): void {
  request.resume()
  answer(response, status, { errorType, errorMessage: `${request.method} ${request.url}` })
}

function answer(response: ServerResponse, status: number, value: object): void {
  if (response.headersSent || response.destroyed) return
  const body = JSON.stringify(value)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
  response.end(body)
}
