import { shardIdOf } from '../../wire/sequence.ts'
import { awsOperation } from '../aws/operation.ts'
import { numbersOf } from './describing.ts'
import { guard } from './guard.ts'
import { sequenceNumber, streamMembers } from './members.ts'
import { streamOf } from './names.ts'
import { entryMembers, putRecordsOf, recordsOf } from './putting.ts'

/** Puts one record; the answer comes when it is on disk. SequenceNumberForOrdering is taken and needs no care: numbers always grow. */
export const putRecord = awsOperation({
  name: 'PutRecord',
  input: {
    ...streamMembers,
    ...entryMembers,
    SequenceNumberForOrdering: sequenceNumber,
    DryRun: { type: 'boolean' },
  },
  async run(broker, input, context) {
    const stream = streamOf(broker, input, context)
    const records = recordsOf(stream, [input], () => '')
    await guard(stream, { operation: 'PutRecord', dryRun: input.DryRun, caller: context })
    const [outcome] = await putRecordsOf(broker, stream, 'PutRecord', records, context)
    if (outcome === undefined || outcome instanceof Error) throw outcome ?? new Error('a record without an outcome')
    return {
      ShardId: shardIdOf(outcome.shard.number),
      SequenceNumber: numbersOf(stream.log, outcome.shard).of(outcome.sequence),
      EncryptionType: stream.profile.current.keyId === undefined ? undefined : 'KMS',
    }
  },
})
