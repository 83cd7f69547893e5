import type { RedisClientType } from '@redis/client'
import { freePort, outputOf, ServerProcess } from '../server-process.ts'
import type { BenchProducer, BenchStream, RunningSystem, System } from '../system.ts'

/** Entries of one XREAD. */
const readEntriesMax = 1_000
/** How long one XREAD waits for news. */
const blockMillis = 1_000

/** Redis Streams, flushed before each reply. */
export const redisAlways: System = redis(
  'redis-always',
  'always',
  'append-only file, appendfsync always: flushed before the reply',
)

/** Redis Streams as most run them. */
export const redisEverysec: System = redis(
  'redis-everysec',
  'everysec',
  'append-only file, appendfsync everysec: flushed once a second, a crash loses up to that much',
)

function redis(name: string, appendfsync: 'always' | 'everysec', durability: string): System {
  return {
    name,
    durability,
    version: async () =>
      (await outputOf('redis-server', ['--version'])).replace(/^Redis server v=(\S+).*$/, 'redis $1'),
    async start(directory) {
      const port = await freePort()
      const append = ['--appendonly', 'yes', '--appendfsync', appendfsync, '--save', '']
      // A rewrite of the file would hit one contestant's turn at random.
      const rewrite = ['--auto-aof-rewrite-percentage', '0']
      const server = await ServerProcess.start({
        name: 'redis-server',
        command: 'redis-server',
        args: ['--bind', '127.0.0.1', '--port', String(port), '--dir', directory, ...append, ...rewrite],
        ready: /Ready to accept connections/,
      })
      return new RunningRedis(name, server, port, await connectTo(port))
    },
  }
}

async function connectTo(port: number): Promise<RedisClientType> {
  const { createClient } = await import('@redis/client')
  const client = createClient({ socket: { host: '127.0.0.1', port } })
  client.on('error', (error) => console.error('redis client:', error))
  await client.connect()
  return client as unknown as RedisClientType
}

class RunningRedis implements RunningSystem {
  readonly name: string
  readonly server: ServerProcess
  readonly #port: number
  readonly #client: RedisClientType

  constructor(name: string, server: ServerProcess, port: number, client: RedisClientType) {
    this.name = name
    this.server = server
    this.#port = port
    this.#client = client
  }

  async stream(name: string): Promise<BenchStream> {
    return {
      name,
      producer: () => this.#producer(name),
      consume: (from, each) => this.#consume(name, from, each),
      delete: async () => {
        await this.#client.del(name)
      },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.destroy()
    await this.server.stop()
  }

  async #producer(name: string): Promise<BenchProducer> {
    const client = await connectTo(this.#port)
    return {
      // The client pipelines what is called in one turn.
      put: (key, data) =>
        client.xAdd(name, '*', { key, data: Buffer.from(data.buffer, data.byteOffset, data.byteLength) }),
      [Symbol.asyncDispose]: async () => client.destroy(),
    }
  }

  async #consume(name: string, from: 'start' | 'end', each: (data: Uint8Array) => void): Promise<AsyncDisposable> {
    const { RESP_TYPES } = await import('@redis/client')
    const connection = await connectTo(this.#port)
    const client = connection.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer })
    const last = from === 'start' ? [] : await connection.xRevRange(name, '+', '-', { COUNT: 1 })
    let after: string | Buffer = last?.[0]?.id ?? '0'
    let open = true
    const reading = (async () => {
      while (open) {
        const answer = await client.xRead({ key: name, id: after }, { COUNT: readEntriesMax, BLOCK: blockMillis })
        const entries = (answer as Answer)?.[0]?.messages ?? []
        for (const entry of entries) each(entry.message['data'] as Buffer)
        after = entries.at(-1)?.id ?? after
      }
    })()
    // Ending the connection is how the read under way is told to stop.
    reading.catch((error: unknown) => open && console.error('redis consumer:', error))
    return {
      async [Symbol.asyncDispose]() {
        open = false
        connection.destroy()
        // What went wrong with it was said above.
        await reading.catch(() => undefined)
      },
    }
  }
}

/** What XREAD answers, in so far as it is used here. */
type Answer = { messages: { id: Buffer; message: Record<string, Buffer> }[] }[] | null
