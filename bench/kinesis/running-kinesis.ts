import { KinesisClient } from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import type { ServerProcess } from '../server-process.ts'

/** How the SDK talks: HTTP/2 is what it does by itself, with a connection for each call; HTTP/1.1 is its other handler, which keeps connections. */
export type Http = 'HTTP/1.1' | 'HTTP/2'

export interface KinesisOptions {
  readonly name: string
  readonly server: ServerProcess
  readonly endpoints: Readonly<Partial<Record<Http, string>>>
  /** Whether it keeps what it is given, and gives it back. Default true. */
  readonly reads?: boolean
  /** Whether it has SubscribeToShard. Default true. */
  readonly pushes?: boolean
  /** What else is to end with it. Default its server. */
  readonly stop?: () => Promise<void>
}

/** A broker that speaks Kinesis, ours or a rival's, or what is measured as one, in a process of its own. All are put under load by the AWS SDK. */
export class RunningKinesis implements AsyncDisposable {
  readonly name: string
  readonly server: ServerProcess
  readonly reads: boolean
  readonly pushes: boolean
  readonly #endpoints: KinesisOptions['endpoints']
  readonly #stop: () => Promise<void>

  constructor({ name, server, endpoints, reads = true, pushes = true, stop = () => server.stop() }: KinesisOptions) {
    this.name = name
    this.server = server
    this.reads = reads
    this.pushes = pushes
    this.#endpoints = endpoints
    this.#stop = stop
  }

  speaks(http: Http): boolean {
    return this.#endpoints[http] !== undefined
  }

  /** A client with connections of its own; whoever calls destroys it. */
  client(http: Http): KinesisClient {
    return new KinesisClient({
      endpoint: this.#endpoints[http] ?? '',
      region: 'us-east-1',
      credentials: { accessKeyId: '000000000000', secretAccessKey: 'any' },
      // What fails is to be seen, not tried again.
      maxAttempts: 1,
      ...(http === 'HTTP/1.1' ? { requestHandler: new NodeHttpHandler({ httpAgent: { maxSockets: 200 } }) } : {}),
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stop()
  }
}
