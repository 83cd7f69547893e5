import type { RedisClientType } from '@redis/client'
import { freePort, outputOf, ServerProcess } from '../server-process.ts'
import type { BenchTopic, RunningTopicSystem, TopicSystem } from '../topic-system.ts'

/** Redis: one transaction of XADD to as many streams, and PUBLISH for who listens. */
export const redisTopics: TopicSystem = {
  name: 'redis-always',
  durability: 'MULTI: XADD to each stream and PUBLISH; append-only file, appendfsync always: flushed before the reply',
  version: async () => (await outputOf('redis-server', ['--version'])).replace(/^Redis server v=(\S+).*$/s, 'redis $1'),
  async start(directory) {
    const port = await freePort()
    const append = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', '']
    const rewrite = ['--auto-aof-rewrite-percentage', '0']
    const server = await ServerProcess.start({
      name: 'redis-server',
      command: 'redis-server',
      args: ['--bind', '127.0.0.1', '--port', String(port), '--dir', directory, ...append, ...rewrite],
      ready: /Ready to accept connections/,
    })
    const { createClient } = await import('@redis/client')
    const client = createClient({ socket: { host: '127.0.0.1', port } })
    client.on('error', (error) => console.error('redis client:', error))
    await client.connect()
    return new RunningRedisTopics(server, client as unknown as RedisClientType)
  },
}

class RunningRedisTopics implements RunningTopicSystem {
  readonly name = 'redis-always'
  readonly server: ServerProcess
  readonly #client: RedisClientType

  constructor(server: ServerProcess, client: RedisClientType) {
    this.server = server
    this.#client = client
  }

  async topic(name: string, queues: number): Promise<BenchTopic> {
    const names = Array.from({ length: queues }, (_, i) => `${name}-${i}`)
    const client = this.#client
    return {
      publish: (bytes) => {
        const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
        const all = client.multi()
        for (const each of names) all.xAdd(each, '*', { data })
        return all.publish(name, data.toString('latin1')).exec()
      },
      [Symbol.asyncDispose]: async () => {
        await client.del(names)
      },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.destroy()
    await this.server.stop()
  }
}
