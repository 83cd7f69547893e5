import { setMaxListeners } from 'node:events'
import { consumerOfBinding, type StreamBinding } from '../broker/wire/binding.ts'
import { MillraceError } from '../broker/wire/errors.ts'
import type { ShardDescription, StreamDescription } from '../broker/wire/stream-description.ts'
import type { Client, From } from '../client/index.ts'
import { RecordFilter } from './record-filter.ts'
import { ShardRunner } from './shard-runner.ts'
import type { Targets } from './targets.ts'
import { sleep, type Time } from './time.ts'

const againMillis = 1_000

export interface StreamRunnerOptions {
  readonly client: Client
  readonly targets: Targets
  readonly time: Time
  readonly binding: StreamBinding
  readonly report: (result: string, error?: string) => void
}

/** Works a binding whose source is a stream: every shard by itself, children when their parents are done with. */
export class StreamRunner {
  readonly #options: StreamRunnerOptions
  readonly #filter: RecordFilter
  readonly #stopping = new AbortController()
  readonly #running = new Map<number, Promise<void>>()
  readonly #finished = new Set<number>()
  #looking: Promise<void>

  constructor(options: StreamRunnerOptions) {
    this.#options = options
    // Every shard listens, and there may be thousands.
    setMaxListeners(0, this.#stopping.signal)
    this.#filter = new RecordFilter(options.binding.filter, 'data')
    this.#looking = this.#look()
  }

  /** Begins nothing more; resolves when what is under way is done, and its position kept. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#looking
    await Promise.all(this.#running.values())
  }

  /** Takes up the shards that are to be read now. */
  async #look(): Promise<void> {
    const { signal } = this.#stopping
    const { client, binding, time, report } = this.#options
    while (!signal.aborted) {
      try {
        const stream = await client.stream(binding.source.stream).describe()
        await this.#noteFinished(stream)
        for (const shard of stream.shards) {
          const ready = shard.parents.every((parent) => this.#isDoneWith(stream, parent))
          if (ready && !this.#finished.has(shard.shard) && !this.#running.has(shard.shard)) this.#begin(stream, shard)
        }
        return
      } catch (error) {
        report('PROBLEM: The stream could not be read', error instanceof Error ? error.message : String(error))
        await sleep(time, againMillis, signal)
      }
    }
  }

  /** A parent that retention took with all its records is done with, too. */
  #isDoneWith(stream: StreamDescription, shard: number): boolean {
    return this.#finished.has(shard) || !stream.shards.some((each) => each.shard === shard)
  }

  /** Closed shards whose position is at their end were handled before a restart. */
  async #noteFinished({ name, shards }: StreamDescription): Promise<void> {
    const { client, binding } = this.#options
    // Their last window may have to be ended still.
    if (binding.batch.tumblingMillis !== undefined) return
    const consumer = await client
      .stream(name)
      .consumer(consumerOfBinding(binding.name))
      .catch((error: unknown) => {
        if (error instanceof MillraceError && error.code === 'consumer_not_found') return undefined
        throw error
      })
    const positions = new Map(consumer?.shards.map(({ shard, next }) => [shard, next]))
    for (const { shard, status, next } of shards) {
      if (status === 'closed' && (positions.get(shard) ?? -1) >= next) this.#finished.add(shard)
    }
  }

  #begin({ number, createdAt }: StreamDescription, { shard }: ShardDescription): void {
    const { client, targets, time, binding, report } = this.#options
    const runner = new ShardRunner({
      client,
      targets,
      time,
      binding,
      filter: this.#filter,
      owner: { stream: number, streamCreatedAt: createdAt, shard },
      from: fromOf(binding),
      signal: this.#stopping.signal,
      report,
    })
    const running = runner.run().then(
      (finished) => this.#ended(shard, finished),
      (error: unknown) => this.#failed(shard, error),
    )
    this.#running.set(shard, running)
  }

  #ended(shard: number, finished: boolean): void {
    this.#running.delete(shard)
    if (!finished) return
    this.#finished.add(shard)
    this.#looking = this.#looking.then(() => this.#look())
  }

  /** What goes wrong with a shard is tried again: its stream may come back, and the broker may be able to write again. */
  async #failed(shard: number, error: unknown): Promise<void> {
    const { time, report } = this.#options
    report('PROBLEM: The stream could not be read', error instanceof Error ? error.message : String(error))
    await sleep(time, againMillis, this.#stopping.signal)
    this.#running.delete(shard)
    if (!this.#stopping.signal.aborted) this.#looking = this.#looking.then(() => this.#look())
  }
}

/** Where shards begin that have no position yet. Those there were when a binding from the end was made have one. */
function fromOf({ source: { from } }: StreamBinding): From {
  return from === 'latest' ? 'horizon' : from
}
