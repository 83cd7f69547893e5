import type { ServerHttp2Stream } from 'node:http2'
import { TLSSocket } from 'node:tls'
import type { AwsAnswer } from '../api/aws/answer.ts'
import type { AwsDoor } from '../api/aws/door.ts'
import { type AwsHead, isAws } from '../api/aws/request.ts'
import type { Broker } from '../broker.ts'
import { MillraceError } from '../wire/errors.ts'
import { ByteBudget } from './byte-budget.ts'
import { readBody } from './http-body.ts'
import { HttpChannel } from './http-channel.ts'
import type { Request, Response } from './http-request.ts'

/** What a body is counted as whose length is not said beforehand. */
const unsaidBytes = 1024 * 1024

/** Carries requests of AWS's clients to the AWS door, over either version of HTTP. */
export class AwsHandler {
  readonly #broker: Broker
  readonly #door: AwsDoor
  readonly #budget: ByteBudget

  constructor(broker: Broker, door: AwsDoor) {
    this.#broker = broker
    this.#door = door
    this.#budget = new ByteBudget(broker.limits.bodiesBytesMax)
  }

  /** Whether a request is AWS's. */
  recognizes(request: Request): boolean {
    return isAws(headOf(request))
  }

  /** Answers it; whatever goes wrong with the operation is in the answer. */
  async handle(request: Request, response: Response): Promise<void> {
    const gone = new AbortController()
    response.on('close', () => gone.abort(new MillraceError('cancelled', { what: 'The request' })))
    const said = Number(request.headers['content-length'] ?? unsaidBytes)
    const release = await this.#budget.take(Number.isFinite(said) ? said : unsaidBytes, gone.signal)
    try {
      const body = () => this.#body(request, response)
      send(request, response, await this.#door.answer({ ...headOf(request), body, signal: gone.signal }))
    } finally {
      release()
    }
  }

  async #body(request: Request, response: Response): Promise<Uint8Array> {
    const { clock, limits } = this.#broker
    // The bytes counted for it are not there for others while it dawdles.
    const late = clock.after(limits.bodyMillisMax, () => response.destroy())
    try {
      return await readBody(request, limits.bodyBytesMax)
    } finally {
      late.cancel()
    }
  }
}

function headOf(request: Request): AwsHead {
  const { headers } = request
  const authority = headers[':authority'] ?? headers.host ?? 'localhost'
  return {
    method: request.method ?? '',
    url: request.url ?? '/',
    headers,
    authority: typeof authority === 'string' ? authority : (authority[0] ?? 'localhost'),
    secure: request.socket instanceof TLSSocket || 'encrypted' in request.socket,
  }
}

function send(request: Request, response: Response, { status, headers, body }: AwsAnswer): void {
  if (response.destroyed || response.headersSent) return
  if (typeof body === 'function') {
    open(request, response, headers, body)
    return
  }
  response.writeHead(status, { ...headers, 'content-length': body.length })
  response.end(body)
  // A body that was refused half read must not keep the connection.
  request.resume()
}

function open(
  request: Request,
  response: Response,
  headers: AwsAnswer['headers'],
  start: (channel: HttpChannel) => void,
): void {
  if ('stream' in response) {
    const stream = response.stream as ServerHttp2Stream
    stream.respond({ ':status': 200, ...headers })
    start(new HttpChannel(stream, stream))
  } else {
    response.writeHead(200, headers)
    response.flushHeaders()
    start(new HttpChannel(request, response))
  }
}
