import { TLSSocket } from 'node:tls'
import type { AwsAnswer } from '../api/aws/answer.ts'
import type { AwsDoor } from '../api/aws/door.ts'
import { type AwsHead, isAws } from '../api/aws/request.ts'
import type { Broker } from '../broker.ts'
import { MillraceError } from '../wire/errors.ts'
import { ByteBudget } from './byte-budget.ts'
import { Bodies, type Body } from './http-body.ts'
import { boundAnswer, isGone, openChannel, type Request, type Response, sayContinue, seeOff } from './http-exchange.ts'

/** What a body is counted as whose length is not said beforehand. */
const unsaidBytes = 1024 * 1024

/** Carries requests of AWS's clients to the AWS door, over either version of HTTP. */
export class AwsHandler {
  readonly #broker: Broker
  readonly #openDoor: () => Promise<AwsDoor>
  #door: Promise<AwsDoor> | undefined
  readonly #budget: ByteBudget
  readonly #bodies: Bodies

  /** `openDoor` is called once, by the first request or by `warm`: the operations are much to load. */
  constructor(broker: Broker, openDoor: () => Promise<AwsDoor>) {
    this.#broker = broker
    this.#openDoor = openDoor
    this.#budget = new ByteBudget(broker.limits.bodiesBytesMax)
    this.#bodies = new Bodies(broker)
  }

  /** Opens the door, if no request has yet. */
  async warm(): Promise<void> {
    await this.opened()
  }

  /** The door, once it is open. */
  opened(): Promise<AwsDoor> {
    this.#door ??= this.#openDoor()
    return this.#door
  }

  /** Whether a request is AWS's. */
  recognizes(request: Request): boolean {
    return isAws(headOf(request))
  }

  /** Answers it; whatever goes wrong with the operation is in the answer. */
  async handle(request: Request, response: Response): Promise<void> {
    const gone = new AbortController()
    response.on('close', () => {
      // After its end nobody listens any more.
      if (!response.writableEnded) gone.abort(new MillraceError('cancelled', { what: 'The request' }))
    })
    const length = request.headers['content-length'] ?? ''
    const said = /^\d{1,12}$/.test(length) ? Number(length) : undefined
    const release = await this.#budget.take(said ?? unsaidBytes, gone.signal)
    let read: Body | undefined
    const body = async (bytesMax?: number) => {
      read = await this.#bodies.read(request, () => sayContinue(request, response), said, bytesMax)
      return read.bytes
    }
    try {
      const door = await this.opened()
      const answer = await door.answer({ ...headOf(request), body, signal: gone.signal })
      this.#send(request, response, answer)
    } finally {
      read?.release()
      release()
    }
  }

  #send(request: Request, response: Response, { status, headers, body, sent }: AwsAnswer): void {
    if (isGone(response) || response.headersSent) return
    if (typeof body === 'function') {
      body(openChannel(this.#broker, request, response, headers))
      return
    }
    if (!request.complete) seeOff(this.#broker, request, response)
    boundAnswer(this.#broker, response, body.length)
    response.writeHead(status, { ...headers, 'content-length': body.length })
    if (sent !== undefined) response.on('finish', sent)
    response.end(body)
  }
}

/** A request's head, as the door takes it. */
export function headOf(request: Request): AwsHead {
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
