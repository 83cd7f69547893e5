import type { Functions } from './modes/functions.ts'
import type { Queues } from './modes/queues.ts'
import type { Streams } from './modes/streams.ts'
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

/** Sends to what ARNs name: streams, queues and functions of this broker. */
export function destinationsIn(
  streams: Streams,
  queues: Queues,
  functions: Functions,
): (arn: string, notice: Notice) => Promise<void> {
  return async (arn, { payload, id, attributes, trace }) => {
    const target = targetOfArn(arn)
    if (target?.kind === 'stream') {
      const [result] = await streams.get(target.stream).put([{ key: target.stream, data: payload }])
      if (result instanceof MillraceError) throw result
    } else if (target?.kind === 'queue') {
      const queue = queues.get(target.queue)
      const order = queue.settings.fifo ? { group: target.queue, deduplicationId: id } : {}
      const [result] = await queue.send([{ body: payload, attributes, trace, ...order }])
      if (result instanceof MillraceError) throw result
    } else if (target?.kind === 'function') {
      await functions.send({ name: target.function }, { payload })
    } else {
      throw new MillraceError('invalid_field', { field: 'destination', reason: `${arn} names nothing of this broker` })
    }
  }
}

/** What the ARN of a stream, a queue or a function names; undefined for others. */
export function targetOfArn(arn: string): BindingTarget | undefined {
  const pattern = /^arn:[^:]*:(kinesis|sqs|lambda):[^:]*:\d{12}:(stream\/|function:)?([A-Za-z0-9_.-]+)$/
  const [, service, kind, name = ''] = pattern.exec(arn) ?? []
  if (service === 'kinesis' && kind === 'stream/') return { kind: 'stream', stream: name }
  if (service === 'sqs' && kind === undefined) return { kind: 'queue', queue: name }
  if (service === 'lambda' && kind === 'function:') return { kind: 'function', function: name }
  return undefined
}
