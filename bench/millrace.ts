import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { version } from '../broker/version.ts'
import { type Client, connect, type StreamHandle } from '../client/index.ts'
import { ServerProcess } from './server-process.ts'
import type { BenchProducer, BenchStream, RunningSystem, StartOptions, System } from './system.ts'

const program = fileURLToPath(new URL('../broker/millrace.js', import.meta.url))
/** The same, file by file as it was written, so that a profile says where the time goes. */
const programInFiles = fileURLToPath(new URL('../broker/cli.js', import.meta.url))

/** Records of one poll, as many as a broker gives at once. */
const pollRecordsMax = 10_000

/** Our broker, as a user runs it, through our client. */
export const millrace = {
  name: 'millrace',
  durability: 'acknowledged when flushed to disk, delivered only then',
  version: async () => `millrace ${version}`,
  async start(directory: string, { profileDirectory }: StartOptions = {}): Promise<RunningMillrace> {
    await mkdir(directory, { recursive: true })
    const command =
      profileDirectory === undefined ? [program] : ['--cpu-prof', `--cpu-prof-dir=${profileDirectory}`, programInFiles]
    const server = await ServerProcess.start({
      name: 'millrace',
      command: process.execPath,
      args: [...command, 'serve', '--port', '0', '--data', directory],
      ready: /Millrace \S+ at (http:\S+)/,
    })
    return new RunningMillrace(server, await connect(server.said))
  },
} satisfies System

export class RunningMillrace implements RunningSystem {
  readonly name = 'millrace'
  readonly server: ServerProcess
  readonly #client: Client

  constructor(server: ServerProcess, client: Client) {
    this.server = server
    this.#client = client
  }

  async stream(name: string, shards = 1): Promise<BenchStream> {
    await this.#client.stream(name).create({ shards })
    return this.open(name)
  }

  /** A stream that is there. */
  open(name: string): BenchStream {
    return {
      name,
      producer: () => this.#producer(name),
      consume: (from, each) => this.#consume(name, from, each),
      delete: () => this.#client.stream(name).delete(),
    }
  }

  /** Group commits since the broker started. */
  async commits(): Promise<number> {
    const { log } = await this.#client.inspect()
    return log.commits
  }

  /** Reads the one record at `sequence` of shard 0. */
  async readOne(name: string, sequence: number): Promise<void> {
    const page = await this.#client.stream(name).read({ shard: 0, from: sequence, limit: 1 })
    if (page.records.length !== 1) throw new Error(`no record at ${sequence} of ${name}`)
  }

  /** A consumer that reads the one shard of a stream so many times a second instead of being sent what is new. */
  async poll(name: string, readsPerSecond: number, each: (data: Uint8Array) => void): Promise<AsyncDisposable> {
    const client = await connect(this.server.said)
    const stream = client.stream(name)
    let next = 0
    let running = true
    const read = async () => {
      const page = await stream.read({ shard: 0, from: next, limit: pollRecordsMax })
      for (const record of page.records) each(record.data)
      next = page.next
    }
    let reading: Promise<void> = Promise.resolve()
    const timer = setInterval(() => {
      if (running) reading = reading.then(read)
    }, 1000 / readsPerSecond)
    return {
      async [Symbol.asyncDispose]() {
        running = false
        clearInterval(timer)
        await reading
        await client.close()
      },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close()
    await this.server.stop()
  }

  async #producer(name: string): Promise<BenchProducer> {
    const client = await connect(this.server.said)
    const producer = client.stream(name).producer()
    return {
      put: (key, data) => producer.put({ key, data }),
      putAll: (records) => producer.putAll(records),
      [Symbol.asyncDispose]: () => client.close(),
    }
  }

  async #consume(name: string, from: 'start' | 'end', each: (data: Uint8Array) => void): Promise<AsyncDisposable> {
    const client = await connect(this.server.said)
    const stream = client.stream(name)
    const sequences = from === 'start' ? undefined : await ends(stream)
    const stop = new AbortController()
    const subscription = stream.subscribe({
      from: sequences === undefined ? 'horizon' : { sequences },
      signal: stop.signal,
    })
    const reading = (async () => {
      for await (const batch of subscription) for (const record of batch.records) each(record.data)
    })()
    reading.catch((error: unknown) => stop.signal.aborted || console.error('millrace consumer:', error))
    return {
      async [Symbol.asyncDispose]() {
        stop.abort()
        // What went wrong with it was said above.
        await reading.catch(() => undefined)
        await client.close()
      },
    }
  }
}

/** Where each shard ends now: a subscription from there misses nothing that is put later, however long it takes to open. */
async function ends(stream: StreamHandle): Promise<Record<number, number>> {
  const { shards } = await stream.describe()
  return Object.fromEntries(shards.map(({ shard, next }) => [shard, next]))
}
