import type { Broker } from '../../broker.ts'
import type { Shard } from '../../log/shard.ts'
import type { Stream } from '../../modes/stream.ts'
import type { AwsError } from '../../wire/aws-error.ts'
import { parseSequenceNumber, shardIdOf } from '../../wire/sequence.ts'
import { invalidArgument } from './errors.ts'
import type { Caller } from './names.ts'

/** Where a reader wants to begin. */
export interface StartingPosition {
  readonly type: 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER' | 'TRIM_HORIZON' | 'LATEST' | 'AT_TIMESTAMP'
  readonly sequenceNumber?: string | undefined
  /** Milliseconds since 1970. */
  readonly timestamp?: number | undefined
}

/**
 * The sequence that is read first, fixed now: LATEST is where the shard ends at this moment, whenever it is used.
 * @throws AwsError InvalidArgumentException
 */
export async function startingSequence(
  broker: Broker,
  stream: Stream,
  shard: Shard,
  start: StartingPosition,
  caller: Caller,
): Promise<number> {
  const { type, sequenceNumber, timestamp } = start
  if (type === 'AT_SEQUENCE_NUMBER' || type === 'AFTER_SEQUENCE_NUMBER') {
    if (sequenceNumber === undefined) throw badCombination(type, 'no StartingSequenceNumber')
    return stream.position(shard, { sequence: sequenceIn(sequenceNumber, type, stream, shard, caller) })
  }
  if (type === 'AT_TIMESTAMP') return stream.position(shard, { time: requireTimestamp(timestamp, broker.clock.now()) })
  if (sequenceNumber !== undefined) throw badCombination(type, 'also a StartingSequenceNumber')
  return stream.position(shard, type === 'LATEST' ? 'latest' : 'horizon')
}

function sequenceIn(text: string, type: string, stream: Stream, shard: Shard, { account }: Caller): number {
  const id = shardIdOf(shard.number)
  const where = `StartingSequenceNumber ${text} used in GetShardIterator on shard ${id} in stream ${stream.name} under account ${account} is invalid`
  const parsed = parseSequenceNumber(text)
  if (parsed === undefined) throw invalidArgument(`${where}.`)
  if (parsed.shard !== shard.number) {
    throw invalidArgument(
      `Invalid StartingSequenceNumber. It encodes ${shardIdOf(parsed.shard)}, while it was used in a call to a shard with ${id}`,
    )
  }
  const sequence = type === 'AT_SEQUENCE_NUMBER' ? parsed.at : parsed.after
  if (parsed.stream !== stream.number || sequence > shard.next) {
    throw invalidArgument(`${where} because it did not come from this stream.`)
  }
  return sequence
}

function requireTimestamp(timestamp: number | undefined, now: number): number {
  if (timestamp === undefined) {
    throw invalidArgument(
      'Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has no timestamp parameter.',
    )
  }
  if (timestamp > now) {
    throw invalidArgument(
      `The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: ${timestamp}, currentTimestampInMillis: ${now}`,
    )
  }
  return timestamp
}

function badCombination(type: string, and: string): AwsError {
  return invalidArgument(
    `Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified ${type} and ${and}.`,
  )
}
