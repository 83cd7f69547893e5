import type { Broker, LongStream } from '../../broker.ts'
import { FrameSink } from '../../log/frame-sink.ts'
import type { Subscription, SubscriptionSink } from '../../log/subscription.ts'
import type { Channel } from '../../wire/channel.ts'
import { MillraceError } from '../../wire/errors.ts'

/** A subscription and the channel it goes out through. */
export class Reading implements LongStream {
  readonly #broker: Broker
  readonly #sink: SubscriptionSink
  #subscription: Subscription | undefined
  /** Set when it was to end before it had begun. */
  #over: 'drain' | 'close' | undefined

  /** What is read goes out in frames, or as `sink` has it. */
  constructor(broker: Broker, channel: Channel, sink: SubscriptionSink = new FrameSink(channel, broker.clock)) {
    this.#broker = broker
    this.#sink = sink
    broker.add(this)
    channel.listen({
      data: () => undefined,
      end: () => undefined,
      drain: () => this.#subscription?.resume(),
      closed: () => this.#closed(),
    })
    channel.resume()
  }

  /** Reads until either side ends it; whatever goes wrong is told to the reader. */
  async begin(subscribe: (sink: SubscriptionSink) => Promise<Subscription>): Promise<void> {
    try {
      const subscription = await subscribe(this.#sink)
      this.#subscription = subscription
      if (this.#over === 'drain') subscription.drain()
      if (this.#over === 'close') subscription.close()
    } catch (cause) {
      const error = MillraceError.wrap(cause)
      if (error.code === 'internal') this.#broker.onFault(cause)
      this.#sink.fail(error)
      this.#sink.end()
    }
  }

  drain(): void {
    if (this.#subscription === undefined) this.#over ??= 'drain'
    else this.#subscription.drain()
  }

  #closed(): void {
    this.#over = 'close'
    this.#subscription?.close()
    this.#broker.remove(this)
  }
}
