import type { QueueBinding } from '../broker/wire/binding.ts'
import type { QueueDescription, QueueMessage } from '../broker/wire/queue-description.ts'
import type { Client } from '../client/index.ts'
import { deliverMessages } from './message-delivery.ts'
import { QueueCalls } from './queue-calls.ts'
import { RecordFilter } from './record-filter.ts'
import { SqsEvents } from './sqs-event.ts'
import type { Targets } from './targets.ts'
import { sleep, type Time } from './time.ts'

const againMillis = 1_000
/** How long one call waits for a first message. */
const waitMillis = 20_000
/** With less, what is being handled would come again and again. */
const visibilityMillisMin = 1_000
/** Batches at once where the binding leaves it open. */
const batchesMax = 50

export interface QueueRunnerOptions {
  readonly client: Client
  readonly targets: Targets
  readonly time: Time
  readonly binding: QueueBinding
  readonly report: (result: string, error?: string) => void
}

interface Gathered {
  readonly messages: readonly QueueMessage[]
  readonly queue: QueueDescription
  readonly visibilityMillis: number
}

/**
 * Works a binding whose source is a queue: takes messages as they come, deletes those that the filter does not want, and has batches handled
 * side by side. The queue gives out no message of a group of which one is being handled, so the order of each group holds.
 */
export class QueueRunner {
  readonly #options: QueueRunnerOptions
  readonly #queue: QueueCalls
  readonly #filter: RecordFilter
  readonly #stopping = new AbortController()
  readonly #batches = new Set<Promise<void>>()
  readonly #running: Promise<void>

  constructor(options: QueueRunnerOptions) {
    this.#options = options
    const { client, time, binding } = options
    this.#queue = new QueueCalls(client, time, binding.source.queue)
    this.#filter = new RecordFilter(binding.filter, 'body')
    this.#running = this.#run()
  }

  /** Begins nothing more; resolves when what is under way is settled. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
    await Promise.all(this.#batches)
  }

  async #run(): Promise<void> {
    const { time, report, binding } = this.#options
    const { signal } = this.#stopping
    const atOnce = binding.batch.parallel === 0 ? batchesMax : binding.batch.parallel
    while (!signal.aborted) {
      try {
        while (this.#batches.size >= atOnce) await Promise.race(this.#batches)
        const gathered = await this.#gather()
        if (signal.aborted) await this.#queue.hide(gathered.messages, 0)
        else if (gathered.messages.length > 0) this.#begin(gathered)
      } catch (error) {
        if (signal.aborted) return
        report('PROBLEM: The queue could not be read', error instanceof Error ? error.message : String(error))
        await sleep(time, againMillis, signal)
      }
    }
  }

  #begin(gathered: Gathered): void {
    const { report } = this.#options
    const batch = this.#handle(gathered)
      .catch((error: unknown) => report('PROBLEM: Function call failed', String(error)))
      .finally(() => this.#batches.delete(batch))
    this.#batches.add(batch)
  }

  /** Takes what is there; with a window, what comes until it is over or the batch is full. */
  async #gather(): Promise<Gathered> {
    const { time, binding } = this.#options
    const { signal } = this.#stopping
    const { recordsMax, windowMillis } = binding.batch
    const queue = await this.#queue.describe()
    const visibilityMillis = Math.max(visibilityMillisMin, queue.visibilityMillis)
    const messages = [...(await this.#receive(recordsMax, visibilityMillis, waitMillis))]
    // What waits for the end of the window must not come again meanwhile.
    const open = Math.min(windowMillis, visibilityMillis / 2)
    const until = time.now() + open
    while (messages.length > 0 && messages.length < recordsMax && !signal.aborted) {
      const left = until - time.now()
      if (left <= 0) break
      const wait = Math.min(left, waitMillis)
      messages.push(...(await this.#receive(recordsMax - messages.length, visibilityMillis, wait)))
    }
    return { messages, queue, visibilityMillis }
  }

  /** Nothing, where the wait was ended by the binding. */
  async #receive(max: number, visibilityMillis: number, wait: number): Promise<readonly QueueMessage[]> {
    const { signal } = this.#stopping
    try {
      return await this.#queue.receive(max, visibilityMillis, Math.floor(wait), signal)
    } catch (error) {
      if (signal.aborted) return []
      throw error
    }
  }

  async #handle({ messages, queue, visibilityMillis }: Gathered): Promise<void> {
    const { targets, time, binding, report } = this.#options
    const wanted = messages.filter((message) => this.#filter.wants(message.data, {}))
    if (wanted.length < messages.length) {
      const kept = new Set(wanted)
      await this.#queue.delete(messages.filter((message) => !kept.has(message)))
    }
    if (wanted.length === 0) return
    const events = new SqsEvents(binding, queue.fifo)
    const { signal } = this.#stopping
    await deliverMessages(
      { targets, time, binding, report, queue: this.#queue, fifo: queue.fifo, visibilityMillis, events, signal },
      wanted,
    )
  }
}
