import { nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/** The consumers of a stream with their checkpoints and lags. */
export const listConsumers: CallOperation = {
  method: 'GET',
  path: '/v1/streams/{stream}/consumers',
  run(broker, request) {
    return { body: { consumers: broker.streams.get(nameIn(request.params, 'stream')).consumers() } }
  },
}
