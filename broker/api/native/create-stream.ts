import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { settingsIn } from './stream-settings.ts'

/**
 * Creates a stream of `shards` shards (1 by default) and answers with its description.
 * @throws stream_exists, limit_exceeded
 */
export const createStream: CallOperation = {
  method: 'PUT',
  path: '/v1/streams/{stream}',
  async run(broker, request) {
    const name = nameIn(request.params, 'stream')
    const fields = new Fields(request.body)
    const shards = fields.integer('shards', { min: 1, max: broker.limits.shardsPerStreamMax }) ?? 1
    const settings = settingsIn(fields, broker.limits)
    fields.done()
    const stream = await broker.streams.create(name, { shards, ...settings })
    return { status: 201, body: stream.describe() }
  },
}
