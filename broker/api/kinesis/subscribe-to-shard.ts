import type { Broker } from '../../broker.ts'
import type { Shard } from '../../log/shard.ts'
import type { Subscription } from '../../log/subscription.ts'
import type { Stream } from '../../modes/stream.ts'
import type { Channel } from '../../wire/channel.ts'
import { MillraceError } from '../../wire/errors.ts'
import { eventStreamType, exceptionMessage, initialResponse } from '../../wire/event-stream.ts'
import { shardIdOf } from '../../wire/sequence.ts'
import { AwsStream, awsOperation } from '../aws/operation.ts'
import { consumerOf } from './consumers.ts'
import { resourceInUse } from './errors.ts'
import { FanOutSink, sharedEvents } from './fan-out-sink.ts'
import { guard } from './guard.ts'
import { consumerArn, iteratorType, sequenceNumber, shardId, streamId } from './members.ts'
import { shardToRead } from './names.ts'
import { startingSequence } from './starting-position.ts'

/**
 * Pushes a shard's records to a consumer as they become durable, for 5 minutes. What is wrong with the request is answered as an
 * error; the first message comes as soon as it is not.
 */
export const subscribeToShard = awsOperation({
  name: 'SubscribeToShard',
  input: {
    ConsumerARN: { ...consumerArn, required: true },
    StreamId: streamId,
    ShardId: { ...shardId, required: true },
    StartingPosition: {
      type: 'structure',
      required: true,
      members: {
        Type: { ...iteratorType, required: true },
        SequenceNumber: sequenceNumber,
        Timestamp: { type: 'timestamp' },
      },
    },
    DryRun: { type: 'boolean' },
  },
  async run(broker, input, context) {
    const { stream, consumer } = consumerOf(broker, input, context)
    const shard = shardToRead(stream, input.ShardId, context)
    const { Type: type, SequenceNumber, Timestamp: timestamp } = input.StartingPosition
    const start = { type, sequenceNumber: SequenceNumber, timestamp }
    const position = await startingSequence(broker, stream, shard, start, context)
    await guard(stream, { operation: 'SubscribeToShard', dryRun: input.DryRun, caller: context, shard })
    broker.requireTaking()
    const reader = new ShardReader(broker, stream, shard, position)
    const name = `${stream.number}/${consumer.name}:${consumer.createdSeconds}/${shard.number}`
    const ended = broker.fanOut.admit(name, () => reader.finish())
    if (ended === undefined) {
      throw resourceInUse(
        `Another active subscription exists for this consumer: ${context.account}:${stream.name}:${consumer.name} and shard: ${shardIdOf(shard.number)}`,
      )
    }
    return new AwsStream(eventStreamType, (channel) => reader.begin(channel, ended))
  },
})

/** One SubscribeToShard under way. */
class ShardReader {
  readonly #broker: Broker
  readonly #stream: Stream
  readonly #shard: Shard
  readonly #position: number
  #channel: Channel | undefined
  #subscription: Subscription | undefined
  #finished = false
  /** Whether the client has not taken all that was written. */
  #blocked = false

  constructor(broker: Broker, stream: Stream, shard: Shard, position: number) {
    this.#broker = broker
    this.#stream = stream
    this.#shard = shard
    this.#position = position
  }

  /** Talks through `channel` until either side ends it; `ended` is called then. */
  begin(channel: Channel, ended: () => void): void {
    this.#channel = channel
    const { clock, limits } = this.#broker
    const longStream = { drain: () => this.finish() }
    const lifetime = clock.after(limits.fanOutMillisMax, () => this.finish())
    channel.listen({
      data: () => undefined,
      end: () => undefined,
      drain: () => {
        this.#blocked = false
        this.#subscription?.resume()
      },
      closed: () => {
        this.#finished = true
        lifetime.cancel()
        this.#broker.remove(longStream)
        this.#subscription?.close()
        ended()
      },
    })
    channel.resume()
    try {
      this.#broker.add(longStream)
    } catch {
      // The broker began to go away meanwhile: the stream just ends, and the client subscribes again, elsewhere or later.
      this.finish()
      return
    }
    channel.write(initialResponse())
    this.#subscribe(channel).catch((error: unknown) => this.#fail(channel, MillraceError.wrap(error)))
  }

  /** Ends it as AWS does after 5 minutes: without a word. */
  finish(): void {
    if (this.#finished) return
    this.#finished = true
    this.#subscription?.close()
    // Whoever has not taken what he has may never take the end either.
    if (this.#blocked) this.#channel?.destroy()
    else this.#channel?.end()
  }

  async #subscribe(channel: Channel): Promise<void> {
    const { number } = this.#shard
    const heartbeatMillis = this.#broker.limits.fanOutHeartbeatMillis
    const options = { from: { sequences: { [number]: this.#position } }, shards: [number], heartbeatMillis }
    const subscription = await this.#stream.subscribe(options, this.#sink(channel))
    this.#subscription = subscription
    if (this.#finished) subscription.close()
  }

  #sink(channel: Channel): FanOutSink {
    const write = (chunk: Uint8Array) => {
      const more = channel.write(chunk)
      if (!more) this.#blocked = true
      return more
    }
    return new FanOutSink({
      target: { write, end: () => channel.end() },
      log: this.#stream.log,
      shard: this.#shard,
      clock: this.#broker.clock,
      encrypted: this.#stream.profile.current.keyId !== undefined,
      events: sharedEvents(this.#broker),
      onShardEnd: () => this.finish(),
    })
  }

  #fail(channel: Channel, error: MillraceError): void {
    if (this.#finished) return
    if (error.code === 'internal') this.#broker.onFault(error.cause ?? error)
    channel.write(exceptionMessage('InternalFailureException', error.message))
    this.finish()
  }
}
