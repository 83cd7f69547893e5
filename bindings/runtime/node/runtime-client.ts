import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'
import { outputWritten } from './console.ts'

/** One event to be handled. */
export interface NextInvocation {
  readonly requestId: string
  /** When it must be done, milliseconds since 1970. */
  readonly deadline: number
  readonly invokedArn: string
  readonly traceId: string | undefined
  readonly clientContext: string | undefined
  readonly payload: Buffer
}

/** An answer that is sent piece by piece. */
export interface StreamedResponse {
  write(chunk: Buffer, done: (error?: Error | null) => void): void
  end(done: () => void): void
  setContentType(type: string): void
  readonly sent: Promise<void>
}

/** Talks to the Runtime API, over one connection that is kept. */
export class RuntimeClient {
  readonly #host: string
  readonly #port: string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 2, noDelay: true } as ConstructorParameters<
    typeof Agent
  >[0])

  constructor(address: string) {
    const [host = '', port = ''] = address.split(':')
    this.#host = host
    this.#port = port
  }

  /** Waits for an event; undefined when the broker is gone. */
  async next(): Promise<NextInvocation | undefined> {
    const answer = await this.#call('GET', 'invocation/next').catch(() => undefined)
    if (answer === undefined) return undefined
    const { headers, body } = answer
    return {
      requestId: String(headers['lambda-runtime-aws-request-id']),
      deadline: Number(headers['lambda-runtime-deadline-ms']),
      invokedArn: String(headers['lambda-runtime-invoked-function-arn']),
      traceId: headers['lambda-runtime-trace-id'] as string | undefined,
      clientContext: headers['lambda-runtime-client-context'] as string | undefined,
      payload: body,
    }
  }

  async response(requestId: string, body: string): Promise<void> {
    await outputWritten()
    await this.#call('POST', `invocation/${requestId}/response`, body)
  }

  async error(requestId: string, body: string): Promise<void> {
    await outputWritten()
    await this.#call('POST', `invocation/${requestId}/error`, body)
  }

  async initError(body: string): Promise<void> {
    await outputWritten()
    await this.#call('POST', 'init/error', body)
  }

  /** Begins an answer that is sent piece by piece; the head goes with the first piece. */
  responseStream(requestId: string): StreamedResponse {
    const sending = this.#open('POST', `invocation/${requestId}/response`, {
      'lambda-runtime-function-response-mode': 'streaming',
      'transfer-encoding': 'chunked',
      'content-type': 'application/octet-stream',
    })
    return {
      write: (chunk, done) => sending.write(chunk, done),
      end: (done) => sending.end(done),
      setContentType: (type) => sending.setHeader('content-type', type),
      sent: new Promise((resolve, reject) => {
        sending.on('error', reject)
        sending.on('response', (answer) => {
          answer.resume()
          answer.on('end', resolve)
        })
      }),
    }
  }

  #open(method: string, path: string, headers: Readonly<Record<string, string | number>>): ClientRequest {
    const target = { host: this.#host, port: this.#port, agent: this.#agent, path: `/2018-06-01/runtime/${path}` }
    return request({ ...target, method, headers })
  }

  #call(method: string, path: string, body = ''): Promise<{ headers: IncomingMessage['headers']; body: Buffer }> {
    return new Promise((resolve, reject) => {
      const length = { 'content-length': Buffer.byteLength(body) }
      const sending = this.#open(
        method,
        path,
        method === 'POST' ? { ...length, 'content-type': 'application/json' } : {},
      )
      sending.on('error', reject)
      sending.on('response', (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('error', reject)
        answer.on('end', () => resolve({ headers: answer.headers, body: Buffer.concat(chunks) }))
      })
      sending.end(body)
    })
  }
}
