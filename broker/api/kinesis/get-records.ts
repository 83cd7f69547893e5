import type { Broker } from '../../broker.ts'
import type { Cursor } from '../../log/cursor.ts'
import type { Stream } from '../../modes/stream.ts'
import { readEach } from '../../modes/stream-records.ts'
import { EncodedJson } from '../../wire/aws-json.ts'
import { awsOperation } from '../aws/operation.ts'
import { childShards, numbersOf } from './describing.ts'
import { guard, mayRead, requireAllowed } from './guard.ts'
import { openIterator, sealIterator } from './iterator.ts'
import { streamArn, streamId } from './members.ts'
import { requireNamed } from './names.ts'
import { JsonRecords, type RecordList, ValueRecords } from './record-list.ts'

const recordsMax = 10_000

/** A page of records from where an iterator stands, and an iterator for the next one, unless the shard was closed and this was its end. */
export const getRecords = awsOperation({
  name: 'GetRecords',
  input: {
    ShardIterator: { type: 'string', required: true, min: 1, max: 512 },
    Limit: { type: 'integer', min: 1, max: recordsMax },
    StreamARN: streamArn,
    StreamId: streamId,
    DryRun: { type: 'boolean' },
  },
  async run(broker, input, context) {
    const { stream, shard, next } = openIterator(broker, input.ShardIterator, context)
    requireNamed(stream, input.StreamARN)
    await guard(stream, { operation: 'GetRecords', dryRun: input.DryRun, caller: context, shard })
    requireAllowed(mayRead(broker, shard), stream, shard, context)
    const numbers = numbersOf(stream.log, shard)
    const encrypted = stream.profile.current.keyId !== undefined
    const cursor = await stream.cursor(shard, next)
    const bounds = { recordsMax: input.Limit ?? recordsMax, bytesMax: broker.limits.getBytesMax }
    if (context.protocol === 'json') {
      const records = new JsonRecords(numbers, encrypted, '{"Records":[')
      await readEach(cursor, bounds, (reader, sequence, time) => records.add(reader, sequence, time))
      return jsonPage(records, pageEnd(broker, stream, cursor, records))
    }
    const records = new ValueRecords(numbers, encrypted)
    await readEach(cursor, bounds, (reader, sequence, time) => records.add(reader, sequence, time))
    return { Records: records.values, ...pageEnd(broker, stream, cursor, records) }
  },
})

/** What stands beside the records of a page. */
function pageEnd({ clock, quotas }: Broker, stream: Stream, cursor: Cursor, records: RecordList): object {
  const { shard, finished, atEnd, position } = cursor
  const now = clock.now()
  quotas?.spendRead(shard, records.bytes)
  return {
    NextShardIterator: finished ? undefined : sealIterator(stream, shard, position, now),
    // The age of the last record while there are more; whoever has all is not behind, however old it is.
    MillisBehindLatest: atEnd ? 0 : Math.max(0, now - records.lastTime),
    ChildShards: finished ? childShards(stream.log, shard) : undefined,
  }
}

/** The page is sent from where it was written. */
function jsonPage(records: JsonRecords, end: object): EncodedJson {
  return new EncodedJson(records.finish(`],${JSON.stringify(end).slice(1)}`), () => records.release())
}
