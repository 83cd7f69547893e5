import { MillraceError } from '../../wire/errors.ts'
import type { CallOperation } from '../operation.ts'

/**
 * Ends a client's WebSocket; one of the native library connects again.
 * @throws socket_not_found
 */
export const closeSocket: CallOperation = {
  method: 'DELETE',
  path: '/v1/sockets/{connection}',
  run({ socketConnections }, request) {
    const connection = request.params['connection'] ?? ''
    const socket = socketConnections.gateway.get(connection) ?? socketConnections.get(connection)
    if (socket === undefined) throw new MillraceError('socket_not_found', { connection })
    socket.end()
    return { status: 204 }
  },
}
