import { type ErrorBody, MillraceError } from '../broker/wire/errors.ts'
import type { QueueDescription, QueueMessage } from '../broker/wire/queue-description.ts'
import type { MessageAttribute } from '../broker/wire/queue-message.ts'
import type { Client } from '../client/index.ts'
import { sleep, type Time } from './time.ts'

/** What one call takes. */
const messagesMax = 1_000
const settleTriesMax = 5
const settleAgainMillis = 200

/** The calls of a queue that a binding needs. */
export class QueueCalls {
  readonly #client: Client
  readonly #time: Time
  readonly #name: string

  constructor(client: Client, time: Time, name: string) {
    this.#client = client
    this.#time = time
    this.#name = name
  }

  /** @throws queue_not_found */
  describe(): Promise<QueueDescription> {
    return this.#client.queue(this.#name).describe()
  }

  /** Messages as soon as there are any; none after `waitMillis`. */
  async receive(
    max: number,
    visibilityMillis: number,
    waitMillis: number,
    signal: AbortSignal,
  ): Promise<readonly QueueMessage[]> {
    const body = { max: Math.min(max, messagesMax), visibilityMillis, waitMillis }
    const path = `/v1/queues/${encodeURIComponent(this.#name)}/receive`
    const answer = (await this.#client.endpoint.call({ method: 'POST', path, body, signal })) as {
      messages: readonly QueueMessage[]
    }
    return answer.messages
  }

  /**
   * Sends messages; resolves when all are on disk.
   * @throws the error of the first that was refused
   */
  async send(
    messages: readonly {
      readonly data: Uint8Array
      readonly group?: string
      readonly deduplicationId?: string
      readonly attributes?: Readonly<Record<string, MessageAttribute>>
      readonly trace?: string
    }[],
  ): Promise<void> {
    const path = `/v1/queues/${encodeURIComponent(this.#name)}/messages`
    for (let i = 0; i < messages.length; i += messagesMax) {
      const body = { messages: messages.slice(i, i + messagesMax) }
      const answer = (await this.#client.endpoint.call({ method: 'POST', path, body })) as {
        messages: readonly { readonly error?: Partial<ErrorBody> }[]
      }
      const refused = answer.messages.find(({ error }) => error !== undefined)
      if (refused?.error !== undefined) throw MillraceError.from(refused.error)
    }
  }

  /** Deletes messages; one that another receiver has by now, or that is gone, is let be. */
  async delete(messages: readonly QueueMessage[]): Promise<void> {
    await this.#settle(messages.map(({ handle }) => ({ delete: [handle] })))
  }

  /** Hides messages for so long from now on; 0 gives them back. */
  async hide(messages: readonly QueueMessage[], visibilityMillis: number): Promise<void> {
    await this.#settle(messages.map(({ handle }) => ({ visibility: [{ handle, visibilityMillis }] })))
  }

  /** What cannot be settled now is tried again; what can never be comes again by itself. */
  async #settle(requests: readonly { readonly delete?: string[]; readonly visibility?: object[] }[]): Promise<void> {
    const never = new AbortController().signal
    for (let i = 0; i < requests.length; i += messagesMax) {
      const some = requests.slice(i, i + messagesMax)
      const body = {
        delete: some.flatMap((each) => each.delete ?? []),
        visibility: some.flatMap((each) => each.visibility ?? []),
      }
      const path = `/v1/queues/${encodeURIComponent(this.#name)}/settle`
      for (let tries = 1; ; tries++) {
        try {
          await this.#client.endpoint.call({ method: 'POST', path, body })
          break
        } catch (error) {
          if (!(error instanceof MillraceError)) throw error
          if (!error.retryable || tries === settleTriesMax) return
          await sleep(this.#time, settleAgainMillis * tries, never)
        }
      }
    }
  }
}
