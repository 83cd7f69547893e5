import type { PutEvent } from './modes/bus-event.ts'
import type { Buses } from './modes/buses.ts'
import type { Functions } from './modes/functions.ts'
import type { Queues } from './modes/queues.ts'
import type { Streams } from './modes/streams.ts'
import type { Topics } from './modes/topics.ts'
import type { BindingTarget } from './wire/binding.ts'
import { MillraceError } from './wire/errors.ts'
import type { MessageAttribute } from './wire/queue-message.ts'

/** What is told to a destination, and what goes with it where that has a place for it. */
export interface Notice {
  readonly payload: Uint8Array
  /** Tells it from all others. */
  readonly id: string
  readonly attributes?: Readonly<Record<string, MessageAttribute>>
  /** X-Ray's trace header. */
  readonly trace?: string
}

/** What keeps what destinations are told. */
export interface DestinationModes {
  readonly streams: Streams
  readonly queues: Queues
  readonly functions: Functions
  readonly topics: Topics
  readonly buses: Buses
}

/** What may hear how something ended. */
export type Destination = Exclude<BindingTarget, { kind: 'http' | 'sockets' }>

/** Sends to what ARNs name: streams, queues, topics, buses and functions of this broker. */
export function destinationsIn(modes: DestinationModes): (arn: string, notice: Notice) => Promise<void> {
  return async (arn, notice) => {
    const target = destinationOfArn(arn)
    if (target === undefined) {
      throw new MillraceError('invalid_field', { field: 'destination', reason: `${arn} names nothing of this broker` })
    }
    await send(modes, target, notice, arn)
  }
}

async function send(modes: DestinationModes, target: Destination, notice: Notice, arn: string): Promise<void> {
  const { payload, id, attributes, trace } = notice
  switch (target.kind) {
    case 'stream': {
      const [result] = await modes.streams.get(target.stream).put([{ key: target.stream, data: payload }])
      if (result instanceof MillraceError) throw result
      return
    }
    case 'queue': {
      const queue = modes.queues.get(target.queue)
      const order = queue.settings.fifo ? { group: target.queue, deduplicationId: id } : {}
      const [result] = await queue.send([{ body: payload, attributes, trace, ...order }])
      if (result instanceof MillraceError) throw result
      return
    }
    case 'topic': {
      const topic = modes.topics.get(target.topic)
      const order = topic.record.settings.fifo ? { group: target.topic, deduplicationId: id } : {}
      await topic.publish({ body: payload, attributes, trace, ...order })
      return
    }
    case 'bus': {
      const bus = modes.buses.get(target.bus)
      const event = modes.buses.prepare(eventOf(notice, arn), ownerOf(arn))
      return modes.buses.publish([{ bus, event }])
    }
    case 'function':
      return modes.functions.send({ name: target.function }, { payload })
  }
}

/** How a bus hears of an invocation (docs.aws.amazon.com/lambda, "Capturing records of Lambda asynchronous invocations"). */
function eventOf({ payload, trace }: Notice, arn: string): PutEvent {
  const detail = Buffer.from(payload).toString()
  const { requestContext } = (JSON.parse(detail) ?? {}) as {
    requestContext?: { readonly condition?: string; readonly functionArn?: string }
  }
  const ending = requestContext?.condition === 'Success' ? 'Success' : 'Failure'
  return {
    source: 'lambda',
    detailType: `Lambda Function Invocation Result - ${ending}`,
    detail,
    resources: [arn, ...(requestContext?.functionArn === undefined ? [] : [requestContext.functionArn])],
    ...(trace === undefined ? {} : { trace }),
  }
}

/** The region and the account that an ARN names. */
function ownerOf(arn: string): { region: string; account: string } {
  const [, , , region = '', account = ''] = arn.split(':')
  return { region, account }
}

/** What the ARN of a stream, a queue, a topic, a bus or a function names; undefined for others. */
export function destinationOfArn(arn: string): Destination | undefined {
  const topic = /^arn:[^:]*:sns:[^:]*:\d{12}:([A-Za-z0-9_.-]+)$/.exec(arn)?.[1]
  if (topic !== undefined) return { kind: 'topic', topic }
  const bus = /^arn:[^:]*:events:[^:]*:\d{12}:event-bus\/([A-Za-z0-9_./-]+)$/.exec(arn)?.[1]
  return bus === undefined ? targetOfArn(arn) : { kind: 'bus', bus }
}

/** What the ARN of a stream, a queue or a function names; undefined for others. */
export function targetOfArn(
  arn: string,
): Extract<BindingTarget, { kind: 'stream' | 'queue' | 'function' }> | undefined {
  const pattern = /^arn:[^:]*:(kinesis|sqs|lambda):[^:]*:\d{12}:(stream\/|function:)?([A-Za-z0-9_.-]+)$/
  const [, service, kind, name = ''] = pattern.exec(arn) ?? []
  if (service === 'kinesis' && kind === 'stream/') return { kind: 'stream', stream: name }
  if (service === 'sqs' && kind === undefined) return { kind: 'queue', queue: name }
  if (service === 'lambda' && kind === 'function:') return { kind: 'function', function: name }
  return undefined
}
