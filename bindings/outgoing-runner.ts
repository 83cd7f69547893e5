import { randomInt } from 'node:crypto'
import type { RouteBinding } from '../broker/wire/binding.ts'
import { MillraceError } from '../broker/wire/errors.ts'
import { type OutgoingDelivery, unpackDelivery } from '../broker/wire/outgoing-delivery.ts'
import type { QueueMessage } from '../broker/wire/queue-description.ts'
import { retryDelayMillis } from '../broker/wire/retry-schedule.ts'
import type { Client } from '../client/index.ts'
import { failureOf, type GivenUp, letterAttributes, type OutgoingFailure } from './outgoing-failure.ts'
import { QueueCalls } from './queue-calls.ts'
import type { Delivered, Targets } from './targets.ts'
import { sleep, type Time } from './time.ts'

const againMillis = 1_000
/** How long one call waits for a first message. */
const waitMillis = 20_000
/** How long a delivery under way is hidden from others: longer than any answer is waited for. */
const hiddenMillis = 60_000
/** A dead letter that its queue cannot take now is brought again after this. */
const letterAgainMillis = 20_000
/** The longest that a message may be hidden. */
const hiddenMillisMax = 12 * 60 * 60 * 1_000 - hiddenMillis

export interface OutgoingRunnerOptions {
  readonly client: Client
  readonly targets: Targets
  readonly time: Time
  readonly binding: RouteBinding
  readonly report: (result: string, error?: string) => void
}

/**
 * Works a route: takes deliveries from its hidden queue as they come, some side by side, and deletes what arrived. What did not is hidden until
 * it is to be tried again; how often it was received is how often it was tried, so that a restart changes nothing.
 */
export class OutgoingRunner {
  readonly #options: OutgoingRunnerOptions
  readonly #queue: QueueCalls
  readonly #stopping = new AbortController()
  readonly #underWay = new Set<Promise<void>>()
  readonly #running: Promise<void>
  #nextAt = 0

  constructor(options: OutgoingRunnerOptions) {
    this.#options = options
    const { client, time, binding } = options
    this.#queue = new QueueCalls(client, time, binding.source.queue)
    this.#running = this.#run()
  }

  /** Begins nothing more; resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
    await Promise.all(this.#underWay)
  }

  async #run(): Promise<void> {
    const { time, report, binding } = this.#options
    const { signal } = this.#stopping
    const { atOnce, perSecond, answerMillisMax = 0 } = binding.delivery
    const hidden = Math.max(hiddenMillis, answerMillisMax * 2)
    while (!signal.aborted) {
      try {
        while (this.#underWay.size >= atOnce) await Promise.race(this.#underWay)
        const pause = perSecond === undefined ? 0 : this.#nextAt - time.now()
        if (pause > 0) await sleep(time, pause, signal)
        if (signal.aborted) return
        const room = perSecond === undefined ? atOnce - this.#underWay.size : 1
        const messages = await this.#queue.receive(room, hidden, waitMillis, signal)
        if (messages.length > 0 && perSecond !== undefined) this.#nextAt = time.now() + 1_000 / perSecond
        for (const message of messages) this.#begin(message)
      } catch (error) {
        if (signal.aborted) return
        report('PROBLEM: The deliveries could not be read', textOf(error))
        await sleep(time, againMillis, signal)
      }
    }
  }

  #begin(message: QueueMessage): void {
    const { report } = this.#options
    const work = this.#deliver(message)
      .catch((error: unknown) => report('PROBLEM: Delivery failed', textOf(error)))
      .finally(() => this.#underWay.delete(work))
    this.#underWay.add(work)
  }

  async #deliver(message: QueueMessage): Promise<void> {
    const { targets, time, binding, report } = this.#options
    const delivery = unpackDelivery(message.data)
    const { ageMillisMax, retry } = delivery.policy ?? binding.delivery
    const expires = ageMillisMax === null ? Number.POSITIVE_INFINITY : delivery.time + ageMillisMax
    const retries = message.receives - 1
    if (time.now() > expires && retries > 0) {
      return this.#giveUp(message, delivery, undefined, { condition: 'MaximumEventAgeInSeconds', retries: retries - 1 })
    }
    const outcome = await attempt(targets, binding, delivery)
    if (!(outcome instanceof MillraceError) && !outcome.failed) {
      report('OK')
      await this.#queue.delete([message])
      return
    }
    const failure = failureOf(outcome, binding.source.kind)
    report('PROBLEM: Delivery failed', `${failure.code}: ${failure.message}`)
    const wait = retryDelayMillis(retry, retries, randomInt(1_000) / 1_000)
    const delay = wait === undefined ? undefined : Math.max(wait, failure.retryAfterMillis ?? 0)
    const condition = failure.permanent
      ? 'PermanentFailure'
      : delay === undefined
        ? 'MaximumRetryAttempts'
        : time.now() + delay > expires
          ? 'MaximumEventAgeInSeconds'
          : undefined
    if (condition !== undefined) return this.#giveUp(message, delivery, failure, { condition, retries })
    await this.#queue.hide([message], Math.min(delay as number, hiddenMillisMax))
  }

  /** Tells the dead letter queue, if there is one, and lets go of the delivery. */
  async #giveUp(
    message: QueueMessage,
    delivery: OutgoingDelivery,
    failure: OutgoingFailure | undefined,
    why: { readonly condition: GivenUp; readonly retries: number },
  ): Promise<void> {
    const { binding, report } = this.#options
    const named = binding.deadLetter?.kind === 'queue' ? binding.deadLetter.queue : undefined
    const name = delivery.policy === undefined ? named : delivery.policy.deadLetter
    try {
      if (name !== undefined) await this.#bury(name, delivery, letterAttributes(binding, delivery, failure, why))
    } catch (error) {
      report('PROBLEM: The dead letter queue did not take it', textOf(error))
      // One that is gone will never take it.
      if (!(error instanceof MillraceError) || error.retryable) return this.#queue.hide([message], letterAgainMillis)
    }
    await this.#queue.delete([message])
  }

  async #bury(
    name: string,
    delivery: OutgoingDelivery,
    attributes: ReturnType<typeof letterAttributes>,
  ): Promise<void> {
    const { client, time } = this.#options
    const queue = new QueueCalls(client, time, name)
    const { fifo } = await queue.describe()
    const { letter: data = delivery.payload, id, trace } = delivery
    const order = fifo ? { group: id, deduplicationId: id } : {}
    await queue.send([{ data, attributes, ...(trace === undefined ? {} : { trace }), ...order }])
  }
}

/** One try; what the broker itself says against it is an outcome too. */
async function attempt(
  targets: Targets,
  binding: RouteBinding,
  delivery: OutgoingDelivery,
): Promise<Delivered | MillraceError> {
  try {
    return await targets.send(binding, delivery)
  } catch (error) {
    if (error instanceof MillraceError) return error
    throw error
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
