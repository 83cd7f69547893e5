import { randomBytes } from 'node:crypto'
import type { Broker } from '../../broker.ts'
import type { Stream } from '../../modes/stream.ts'
import type { LooseRecord, Placed } from '../../modes/stream-put.ts'
import type { AwsError } from '../../wire/aws-error.ts'
import type { MillraceError } from '../../wire/errors.ts'
import { hashKeyMax, hashOfInteger } from '../../wire/hash-range.ts'
import { shardIdOf } from '../../wire/sequence.ts'
import { validationError } from '../aws/input.ts'
import { invalidArgument, rateExceeded } from './errors.ts'
import { hashKey } from './members.ts'
import type { Caller } from './names.ts'

/** What PutRecord, and each entry of PutRecords, takes. */
export const entryMembers = {
  Data: { type: 'blob', required: true, max: 10_485_760 },
  PartitionKey: { type: 'string', min: 1, max: 256 },
  ExplicitHashKey: hashKey,
} as const

export interface Entry {
  readonly Data: Uint8Array
  readonly PartitionKey?: string
  readonly ExplicitHashKey?: string
}

/** The key of a record whose producer needs none, since the stream spreads records evenly. */
const keyOfKeyless = '-'

/**
 * Checks entries, all of them before any is put; `place` says where in the input an entry's member is.
 * @throws AwsError ValidationException, InvalidArgumentException
 */
export function recordsOf(
  { log, profile }: Stream,
  entries: readonly Entry[],
  place: (entry: number) => string,
): LooseRecord[] {
  const even = profile.current.distribution === 'AUTO'
  const limit = log.settings.recordBytesMax
  const problems: string[] = []
  const records = entries.map(({ Data: data, PartitionKey, ExplicitHashKey }, i): LooseRecord => {
    if (PartitionKey === undefined && !even) {
      problems.push(`Value null at '${place(i)}partitionKey' failed to satisfy constraint: Member must not be null`)
    }
    const key = PartitionKey ?? keyOfKeyless
    // A key of many characters may be of more bytes; most have no more than are sure to fit.
    if (data.length + key.length * 3 > limit && data.length + Buffer.byteLength(key) > limit) {
      const value = `java.nio.HeapByteBuffer[pos=0 lim=${data.length} cap=${data.length}]`
      problems.push(
        `Value '${value}' at '${place(i)}data' failed to satisfy constraint: Member must have length less than or equal to ${limit}`,
      )
    }
    if (even) return { key, data, hashKey: BigInt(`0x${randomBytes(16).toString('hex')}`) }
    return ExplicitHashKey === undefined ? { key, data } : { key, data, hashKey: explicitHash(ExplicitHashKey) }
  })
  if (problems.length > 0) throw validationError(problems.slice(0, 10))
  return records
}

function explicitHash(text: string): bigint {
  const key = BigInt(text)
  if (key <= hashKeyMax) return key
  throw invalidArgument(
    `Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was ${text}`,
  )
}

/** Puts records, but for those that faults or quotas keep out; each has an outcome of its own, in the order given. */
export async function putRecordsOf(
  broker: Broker,
  stream: Stream,
  operation: string,
  records: readonly LooseRecord[],
  caller: Caller,
): Promise<(Placed | MillraceError | AwsError)[]> {
  const { quotas } = broker
  if (quotas === undefined && stream.faults.current === undefined) return stream.gather(records)
  const refused = records.map((record) => refusal(broker, stream, operation, record, caller))
  const admitted = records.filter((_, i) => refused[i] === undefined)
  const placed = (await stream.gather(admitted)).values()
  return refused.map((error) => error ?? (placed.next().value as Placed | MillraceError))
}

function refusal(
  { quotas }: Broker,
  { log, faults, name }: Stream,
  operation: string,
  { key, data, hashKey }: LooseRecord,
  caller: Caller,
): AwsError | undefined {
  const shard = hashKey === undefined ? log.ofKey(key) : log.router.ofHash(hashOfInteger(hashKey))
  const allowed = !faults.throttles(operation) && (quotas?.write(shard, Buffer.byteLength(key) + data.length) ?? true)
  return allowed ? undefined : rateExceeded(shardIdOf(shard.number), name, caller)
}
