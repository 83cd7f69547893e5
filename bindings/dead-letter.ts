import { randomUUID } from 'node:crypto'
import { MillraceError } from '../broker/wire/errors.ts'
import type { BatchDeliveryContext } from './batch-delivery.ts'
import type { PendingRecord } from './kinesis-event.ts'
import { arnOf, type Delivered } from './targets.ts'

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
  { targets, binding, events, time, report }: BatchDeliveryContext,
  records: readonly PendingRecord[],
  { condition, count, last }: GivenUp,
): Promise<boolean> {
  const { deadLetter, target } = binding
  if (deadLetter === undefined) return true
  const [first, final] = [records[0] as PendingRecord, records.at(-1) as PendingRecord]
  const letter = {
    requestContext: {
      requestId: last?.requestId || randomUUID(),
      functionArn: arnOf(target, binding),
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
      batchSize: records.length,
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
