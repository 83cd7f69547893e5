import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/**
 * Splits a shard at a hash key, in the middle of its range by default.
 * @throws shard_not_found, shard_closed, invalid_field
 */
export const splitShard: CallOperation = {
  method: 'POST',
  path: '/v1/streams/{stream}/split',
  async run(broker, request) {
    const stream = broker.streams.get(nameIn(request.params, 'stream'))
    const fields = new Fields(request.body)
    const shard = fields.required('shard', fields.shard('shard'))
    const at = fields.hashKey('at')
    fields.done()
    await stream.split(shard, at)
    return { body: stream.describe() }
  },
}
