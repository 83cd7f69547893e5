import { nameIn } from '../fields.ts'
import type { StreamOperation } from '../operation.ts'
import { QueueSession } from './queue-session.ts'

/** Opens a queue session: messages sent, given out and settled over one long stream; see docs/wire.md, "Queue session". */
export const openQueueSession: StreamOperation = {
  method: 'POST',
  path: '/v1/queues/{queue}/session',
  takes: 'channel',
  prepare(broker, request) {
    const queue = broker.queues.get(nameIn(request.params, 'queue'))
    broker.requireTaking()
    return (channel) => new QueueSession(broker, queue, channel, request.may)
  },
}
