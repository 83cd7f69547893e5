import { nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/** A stream with its shards. */
export const describeStream: CallOperation = {
  method: 'GET',
  path: '/v1/streams/{stream}',
  run(broker, request) {
    return { body: broker.streams.get(nameIn(request.params, 'stream')).describe() }
  },
}
