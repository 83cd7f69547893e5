import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/**
 * Merges two open shards whose hash ranges touch.
 * @throws shard_not_found, shard_closed, not_adjacent
 */
export const mergeShards: CallOperation = {
  method: 'POST',
  path: '/v1/streams/{stream}/merge',
  async run(broker, request) {
    const stream = broker.streams.get(nameIn(request.params, 'stream'))
    const fields = new Fields(request.body)
    const shard = fields.required('shard', fields.shard('shard'))
    const other = fields.required('with', fields.shard('with'))
    fields.done()
    await stream.merge(shard, other)
    return { body: stream.describe() }
  },
}
