import { nameIn } from '../fields.ts'
import type { StreamOperation } from '../operation.ts'
import { AppendSession } from './append-session.ts'

/** Opens an append session; see docs/wire.md, "Append session". */
export const append: StreamOperation = {
  method: 'POST',
  path: '/v1/streams/{stream}/append',
  takes: 'channel',
  prepare(broker, request) {
    const stream = broker.streams.get(nameIn(request.params, 'stream'))
    broker.requireTaking()
    return (channel) => new AppendSession(broker, stream, channel)
  },
}
