import type { Log } from '../../log/log.ts'
import type { Placed } from '../../modes/stream-put.ts'
import { AwsError } from '../../wire/aws-error.ts'
import type { MillraceError } from '../../wire/errors.ts'
import { shardIdOf } from '../../wire/sequence.ts'
import { awsOperation } from '../aws/operation.ts'
import { numbersOf } from './describing.ts'
import { invalidArgument } from './errors.ts'
import { guard } from './guard.ts'
import { streamMembers } from './members.ts'
import { streamOf } from './names.ts'
import { type Entry, entryMembers, putRecordsOf, recordsOf } from './putting.ts'

const recordsMax = 500
/** Keys and data of one call. */
const bytesMax = 10 * 1024 * 1024

/** Puts up to 500 records; the answer comes when all are on disk, and says of each whether it is. */
export const putRecords = awsOperation({
  name: 'PutRecords',
  input: {
    ...streamMembers,
    Records: {
      type: 'list',
      required: true,
      min: 1,
      max: recordsMax,
      of: { type: 'structure', members: entryMembers },
    },
    DryRun: { type: 'boolean' },
  },
  async run(broker, input, context) {
    const stream = streamOf(broker, input, context)
    requireTogether(input.Records)
    const records = recordsOf(stream, input.Records, (i) => `records.${i + 1}.member.`)
    await guard(stream, { operation: 'PutRecords', dryRun: input.DryRun, caller: context })
    const outcomes = await putRecordsOf(broker, stream, 'PutRecords', records, context)
    const entries = outcomes.map((outcome) =>
      outcome instanceof Error ? failed(outcome) : stored(stream.log, outcome),
    )
    return {
      FailedRecordCount: outcomes.reduce((sum, outcome) => sum + (outcome instanceof Error ? 1 : 0), 0),
      Records: entries,
      EncryptionType: stream.profile.current.keyId === undefined ? undefined : 'KMS',
    }
  },
})

function requireTogether(entries: readonly Entry[]): void {
  const bytes = entries.reduce((sum, { Data, PartitionKey = '' }) => sum + Data.length + PartitionKey.length, 0)
  if (bytes > bytesMax) throw invalidArgument('Records size exceeds 10 MB limit')
}

function stored(log: Log, { shard, sequence }: Placed): object {
  return { SequenceNumber: numbersOf(log, shard).of(sequence), ShardId: shardIdOf(shard.number) }
}

function failed(error: AwsError | MillraceError): object {
  if (error instanceof AwsError) return { ErrorCode: error.code, ErrorMessage: error.message }
  if (error.code === 'throttled') {
    return { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: error.message }
  }
  return { ErrorCode: 'InternalFailure', ErrorMessage: `Internal service failure. ${error.message}` }
}
