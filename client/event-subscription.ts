import type { EventEnvelope } from '../broker/wire/bus-description.ts'
import { Pattern } from '../broker/wire/pattern.ts'
import type { SubscribeOptions, Subscription } from './subscription.ts'

export interface EventSubscribeOptions extends Pick<SubscribeOptions, 'from' | 'heartbeatMillis' | 'signal'> {
  /** Only events that match this pattern. Default: all. */
  readonly pattern?: object
}

/** An event that was read from a bus. */
export interface ReceivedEvent {
  /** Its place in the log of the bus. */
  readonly sequence: number
  readonly event: EventEnvelope
  /** The same as JSON text, as it is kept. */
  readonly text: string
}

/** Reads the events of a bus as they come; a loop that is slow slows nothing but what is sent to it. */
export class EventSubscription implements AsyncIterable<ReceivedEvent>, AsyncDisposable {
  readonly #subscription: Subscription
  readonly #pattern: Pattern | undefined

  constructor(subscription: Subscription, pattern: object | undefined) {
    this.#subscription = subscription
    this.#pattern = pattern === undefined ? undefined : Pattern.compile(pattern)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ReceivedEvent> {
    for await (const batch of this.#subscription) {
      for (const { sequence, data } of batch.records) {
        const text = new TextDecoder().decode(data)
        const event = JSON.parse(text) as EventEnvelope
        if (this.#pattern === undefined || this.#pattern.matches(event)) yield { sequence, event, text }
      }
    }
  }

  close(): Promise<void> {
    return this.#subscription.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
