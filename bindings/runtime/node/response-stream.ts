import { Writable } from 'node:stream'
import type { Handler } from './handler-loader.ts'
import type { StreamedResponse } from './runtime-client.ts'

const streaming = Symbol.for('aws.lambda.runtime.handler.streaming')
const httpPreludeType = 'application/vnd.awslambda.http-integration-response'

/** What a streaming handler writes its answer to. */
export class ResponseStream extends Writable {
  /** Resolves when all of it was taken. */
  readonly sent: Promise<void>
  readonly #response: StreamedResponse

  constructor(response: StreamedResponse) {
    super({
      write: (chunk: Buffer, _encoding, done) => response.write(chunk, done),
      final: (done) => response.end(done),
    })
    this.#response = response
    this.sent = response.sent
  }

  setContentType(type: string): void {
    this.#response.setContentType(type)
  }
}

export function isStreaming(handler: Handler): boolean {
  return (handler as unknown as Record<symbol, unknown>)[streaming] === 'response'
}

/** The global `awslambda`, by which handlers say that they stream (docs.aws.amazon.com/lambda, "Response streaming"). */
export function installResponseStreaming(): void {
  const awslambda = {
    streamifyResponse(handler: Handler): Handler {
      return Object.assign(handler, { [streaming]: 'response' })
    },
    HttpResponseStream: {
      /** Status, headers and cookies go ahead of the body, as JSON and eight zero bytes. */
      from(stream: ResponseStream, prelude: unknown): ResponseStream {
        stream.setContentType(httpPreludeType)
        stream.write(JSON.stringify(prelude))
        stream.write(Buffer.alloc(8))
        return stream
      },
    },
  }
  Object.assign(globalThis, { awslambda })
}
