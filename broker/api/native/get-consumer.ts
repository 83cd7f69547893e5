import { nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/**
 * One consumer: its checkpoints and lags.
 * @throws consumer_not_found
 */
export const getConsumer: CallOperation = {
  method: 'GET',
  path: '/v1/streams/{stream}/consumers/{consumer}',
  run(broker, request) {
    const stream = broker.streams.get(nameIn(request.params, 'stream'))
    return { body: stream.consumer(nameIn(request.params, 'consumer')) }
  },
}
