import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { outputOf, ServerProcess } from '../server-process.ts'
import type { BenchProducer, BenchStream, RunningSystem, System } from '../system.ts'

/** How long one publish may wait for its ack: the default of 5 s is short for a window of thousands on a busy machine. */
const ackMillisMax = 60_000

/** nats-server's JetStream with its file store, through its own client for Node. */
export const nats: System = {
  name: 'nats',
  durability: 'JetStream, file store: acknowledged from the page cache, flushed to disk every 2 minutes',
  version: async () => (await outputOf('nats-server', ['--version'])).replace(/^nats-server: /, 'nats-server '),
  async start(directory) {
    const { connect } = await import('@nats-io/transport-node')
    const { jetstreamManager } = await import('@nats-io/jetstream')
    const server = await ServerProcess.start({
      name: 'nats-server',
      command: 'nats-server',
      args: ['--addr', '127.0.0.1', '--port', '-1', '--jetstream', '--store_dir', directory],
      ready: /client connections on (127\.0\.0\.1:\d+)[\s\S]*Server is ready/,
    })
    const open = () => connect({ servers: server.said })
    const connection = await open()
    return new RunningNats(server, open, connection, await jetstreamManager(connection))
  },
}

class RunningNats implements RunningSystem {
  readonly name = 'nats'
  readonly server: ServerProcess
  readonly #open: () => Promise<NatsConnection>
  readonly #connection: NatsConnection
  readonly #manager: JetStreamManager

  constructor(
    server: ServerProcess,
    open: () => Promise<NatsConnection>,
    connection: NatsConnection,
    manager: JetStreamManager,
  ) {
    this.server = server
    this.#open = open
    this.#connection = connection
    this.#manager = manager
  }

  async stream(name: string): Promise<BenchStream> {
    await this.#manager.streams.add({ name, subjects: [name], storage: 'file' })
    return {
      name,
      producer: () => this.#producer(name),
      consume: (from, each) => this.#consume(name, from, each),
      delete: async () => {
        await this.#manager.streams.delete(name)
      },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.close()
    await this.server.stop()
  }

  async #producer(name: string): Promise<BenchProducer> {
    const { jetstream } = await import('@nats-io/jetstream')
    const connection = await this.#open()
    const stream: JetStreamClient = jetstream(connection)
    return {
      put: (_key, data) => stream.publish(name, data, { timeout: ackMillisMax }),
      [Symbol.asyncDispose]: () => connection.close(),
    }
  }

  /** An ordered push consumer: JetStream's own way to fan out, without acks, with flow control, and it notices a gap and mends it. */
  async #consume(name: string, from: 'start' | 'end', each: (data: Uint8Array) => void): Promise<AsyncDisposable> {
    const { DeliverPolicy, jetstream } = await import('@nats-io/jetstream')
    const connection = await this.#open()
    const consumer = await jetstream(connection).consumers.getPushConsumer(name, {
      deliver_policy: from === 'start' ? DeliverPolicy.All : DeliverPolicy.New,
    })
    const messages = await consumer.consume({ callback: (message) => each(message.data) })
    // The server knows of the subscription once it has answered what was sent after it.
    await connection.flush()
    return {
      async [Symbol.asyncDispose]() {
        await messages.close()
        await connection.close()
      },
    }
  }
}
