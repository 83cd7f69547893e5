import { request } from 'node:http'
import { outputWritten } from './console.ts'
import { HttpConnection } from './http-connection.ts'

const prefix = '/2018-06-01/runtime/'

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
  readonly #port: number
  readonly #connection: HttpConnection

  constructor(address: string) {
    const [host = '', port = ''] = address.split(':')
    this.#host = host
    this.#port = Number(port)
    this.#connection = new HttpConnection(host, this.#port)
  }

  /** Waits for an event; undefined when the broker is gone. */
  async next(): Promise<NextInvocation | undefined> {
    const answer = await this.#connection.call('GET', `${prefix}invocation/next`).catch(() => undefined)
    if (answer === undefined) return undefined
    const { headers, body } = answer
    return {
      requestId: String(headers.get('lambda-runtime-aws-request-id')),
      deadline: Number(headers.get('lambda-runtime-deadline-ms')),
      invokedArn: String(headers.get('lambda-runtime-invoked-function-arn')),
      traceId: headers.get('lambda-runtime-trace-id'),
      clientContext: headers.get('lambda-runtime-client-context'),
      payload: body,
    }
  }

  /** Hands an answer over, and does not wait for what is said to it: it leaves together with the request for the next event. */
  async response(requestId: string, body: string): Promise<void> {
    await outputWritten()
    // A broker that is gone shows in that request, and one that refuses the answer has told its caller why.
    this.#connection.call('POST', `${prefix}invocation/${requestId}/response`, body).catch(() => undefined)
  }

  async error(requestId: string, body: string): Promise<void> {
    await outputWritten()
    await this.#connection.call('POST', `${prefix}invocation/${requestId}/error`, body)
  }

  async initError(body: string): Promise<void> {
    await outputWritten()
    await this.#connection.call('POST', `${prefix}init/error`, body)
  }

  /** Begins an answer that is sent piece by piece; the head goes with the first piece. */
  responseStream(requestId: string): StreamedResponse {
    const sending = request({
      host: this.#host,
      port: this.#port,
      method: 'POST',
      path: `${prefix}invocation/${requestId}/response`,
      headers: {
        'lambda-runtime-function-response-mode': 'streaming',
        'transfer-encoding': 'chunked',
        'content-type': 'application/octet-stream',
      },
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
}
