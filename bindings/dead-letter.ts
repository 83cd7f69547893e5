import { randomUUID } from 'node:crypto'
import type { RecordMark, StreamBinding } from '../broker/wire/binding.ts'
import { MillraceError } from '../broker/wire/errors.ts'
import { targetArn } from '../broker/wire/target-arn.ts'
import type { KinesisEvents } from './kinesis-event.ts'
import type { Delivered, Targets } from './targets.ts'
import type { Time } from './time.ts'

export interface DeadLetterContext {
  readonly targets: Targets
  readonly time: Time
  readonly binding: StreamBinding
  readonly events: KinesisEvents
  readonly report: (result: string, error?: string) => void
}

/** Records of a shard, one behind the other. */
export interface RecordRange {
  readonly first: RecordMark
  readonly last: RecordMark
  readonly count: number
}

export interface GivenUp {
  readonly condition: string
  /** How often it was tried. */
  readonly count: number
  /** How the last try ended, if there was any. */
  readonly last: Delivered | undefined
}

/**
 * Tells a binding's dead letter target which records were given up, and why: where they are, not what is in them, as Lambda does. False
 * when it could not be told, for now.
 */
export async function sendDeadLetter(
  { targets, binding, events, time, report }: DeadLetterContext,
  { first, last: final, count: size }: RecordRange,
  { condition, count, last }: GivenUp,
): Promise<boolean> {
  const { deadLetter, target } = binding
  if (deadLetter === undefined) return true
  const letter = {
    requestContext: {
      requestId: last?.requestId || randomUUID(),
      functionArn: targetArn(target, binding),
      condition,
      approximateInvokeCount: count,
    },
    ...(last === undefined
      ? {}
      : {
          responseContext: {
            statusCode: 200,
            executedVersion: last.version,
            functionError: last.failed ? 'Unhandled' : null,
          },
        }),
    version: '1.0',
    timestamp: new Date(time.now()).toISOString(),
    KinesisBatchInfo: {
      shardId: events.shardId,
      startSequenceNumber: events.numberOf(first),
      endSequenceNumber: events.numberOf(final),
      approximateArrivalOfFirstRecord: new Date(first.time).toISOString(),
      approximateArrivalOfLastRecord: new Date(final.time).toISOString(),
      batchSize: size,
      streamArn: binding.source.arn,
    },
  }
  try {
    const data = Buffer.from(JSON.stringify(letter))
    const item = { key: events.shardId, data, id: `${letter.requestContext.requestId} given up` }
    const { failed } = await targets.deliver(deadLetter, { event: () => data, items: [item] }, binding)
    if (failed) report('PROBLEM: The on-failure destination failed')
    return !failed
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error
    report('PROBLEM: The on-failure destination could not be reached', error.message)
    return false
  }
}
