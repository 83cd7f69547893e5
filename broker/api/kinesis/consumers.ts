import type { Broker } from '../../broker.ts'
import type { Stream } from '../../modes/stream.ts'
import type { FanOutConsumer } from '../../modes/stream-profile.ts'
import { invalidArgument, resourceNotFound } from './errors.ts'
import { type Caller, consumerArnOf, requireNamed, resourceOf, streamOf } from './names.ts'

/** How operations are told which consumer: by its ARN, or by name and the stream's ARN. */
export interface ConsumerInput {
  readonly StreamARN?: string
  readonly ConsumerName?: string
  readonly ConsumerARN?: string
}

export interface FoundConsumer {
  readonly stream: Stream
  readonly consumer: FanOutConsumer
}

export function consumerOf(broker: Broker, input: ConsumerInput, caller: Caller): FoundConsumer {
  const { StreamARN, ConsumerName, ConsumerARN } = input
  if (ConsumerARN !== undefined) {
    const { stream, consumer } = resourceOf(broker, ConsumerARN, caller)
    if (consumer === undefined) throw invalidArgument(`${ConsumerARN} is not the ARN of a consumer.`)
    requireNamed(stream, StreamARN)
    if (ConsumerName !== undefined && ConsumerName !== consumer.name) {
      throw invalidArgument(`ConsumerName ${ConsumerName} does not match ConsumerARN ${ConsumerARN}.`)
    }
    return { stream, consumer }
  }
  if (StreamARN === undefined || ConsumerName === undefined) {
    throw invalidArgument('Either ConsumerARN or StreamARN and ConsumerName should be provided.')
  }
  const stream = streamOf(broker, { StreamARN }, caller)
  const consumer = stream.profile.current.consumers.find((each) => each.name === ConsumerName)
  if (consumer === undefined) {
    throw resourceNotFound(
      `Consumer ${ConsumerName} under stream ${stream.name} for account ${caller.account} not found.`,
    )
  }
  return { stream, consumer }
}

export function consumerDescription(stream: Stream, consumer: FanOutConsumer, caller: Caller): object {
  return {
    ConsumerName: consumer.name,
    ConsumerARN: consumerArnOf(stream.name, consumer, caller),
    ConsumerStatus: 'ACTIVE',
    ConsumerCreationTimestamp: new Date(consumer.createdSeconds * 1000),
  }
}
