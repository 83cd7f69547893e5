import { createRequire } from 'node:module'
import type { BenchQueue, QueueSystem, RunningQueueSystem } from '../queue-system.ts'
import { freePort, outputOf, ServerProcess } from '../server-process.ts'

/** Jobs one worker handles at once. */
const concurrency = 1_000

/** BullMQ on Redis, flushed before each reply. */
export const bullmqAlways = bullmq('bullmq-always', 'always', 'appendfsync always: flushed before the reply')

/** BullMQ on Redis as most run it. */
export const bullmqEverysec = bullmq(
  'bullmq-everysec',
  'everysec',
  'appendfsync everysec: flushed once a second, a crash loses up to that much',
)

function bullmq(name: string, appendfsync: 'always' | 'everysec', durability: string): QueueSystem {
  return {
    name,
    durability,
    version: async () => {
      const redis = (await outputOf('redis-server', ['--version'])).replace(/^Redis server v=(\S+).*$/s, 'redis $1')
      const { version } = createRequire(import.meta.url)('bullmq/package.json') as { version: string }
      return `bullmq ${version} on ${redis}`
    },
    async start(directory) {
      const port = await freePort()
      const append = ['--appendonly', 'yes', '--appendfsync', appendfsync, '--save', '']
      const rewrite = ['--auto-aof-rewrite-percentage', '0']
      const server = await ServerProcess.start({
        name: 'redis-server',
        command: 'redis-server',
        args: ['--bind', '127.0.0.1', '--port', String(port), '--dir', directory, ...append, ...rewrite],
        ready: /Ready to accept connections/,
      })
      return new RunningBullmq(name, server, port)
    },
  }
}

class RunningBullmq implements RunningQueueSystem {
  readonly name: string
  readonly server: ServerProcess
  readonly #port: number

  constructor(name: string, server: ServerProcess, port: number) {
    this.name = name
    this.server = server
    this.#port = port
  }

  async queue(name: string, done: () => void): Promise<BenchQueue> {
    const { Queue, Worker } = await import('bullmq')
    const connection = { host: '127.0.0.1', port: this.#port, maxRetriesPerRequest: null }
    const queue = new Queue(name, { connection })
    const worker = new Worker(name, async () => undefined, {
      connection,
      concurrency,
      removeOnComplete: { count: 0 },
    })
    worker.on('completed', done)
    worker.on('error', (error) => console.error('bullmq:', error))
    await worker.waitUntilReady()
    return {
      send: (data) => queue.add('job', Buffer.from(data).toString('latin1'), { removeOnComplete: true }),
      [Symbol.asyncDispose]: async () => {
        await worker.close()
        await queue.obliterate({ force: true })
        await queue.close()
      },
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.server.stop()
  }
}
