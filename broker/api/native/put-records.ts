import type { PutRecord } from '../../modes/stream-records.ts'
import { MillraceError } from '../../wire/errors.ts'
import { partitionKeyBytesMax } from '../../wire/record.ts'
import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { dataIn } from './record-data.ts'

/**
 * Puts records; the answer comes when all are durable. All are checked before any is taken. Where some shards took theirs and
 * others did not, the entries of those that failed are `{error}`; when all failed, the first error is the answer.
 */
export const putRecords: CallOperation = {
  method: 'POST',
  path: '/v1/streams/{stream}/records',
  async run(broker, request) {
    const stream = broker.streams.get(nameIn(request.params, 'stream'))
    const fields = new Fields(request.body)
    const given = fields.required('records', fields.array('records'))
    fields.done()
    const limit = broker.limits.recordsPerCallMax
    if (given.length === 0 || given.length > limit) throw fields.invalid('records', `must hold 1 to ${limit} records`)
    const records = given.map((record, i) => recordIn(new Fields(record, `records[${i}].`)))
    const results = await stream.put(records)
    const first = results[0]
    if (first instanceof MillraceError && results.every((each) => each instanceof MillraceError)) throw first
    return { body: { records: results.map((each) => (each instanceof MillraceError ? { error: each } : each)) } }
  },
}

function recordIn(fields: Fields): PutRecord {
  const key = fields.required('key', fields.string('key'))
  const keyBytes = Buffer.byteLength(key)
  if (keyBytes === 0 || keyBytes > partitionKeyBytesMax) {
    throw fields.invalid('key', `must be 1 to ${partitionKeyBytesMax} bytes long`)
  }
  const data = dataIn(fields)
  const hashKey = fields.hashKey('hashKey')
  const headers = fields.strings('headers')
  fields.done()
  return { key, data, ...(hashKey === undefined ? {} : { hashKey }), ...(headers === undefined ? {} : { headers }) }
}
