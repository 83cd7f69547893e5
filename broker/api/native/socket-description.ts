import type { Broker } from '../../broker.ts'
import type { SocketApi } from '../../modes/socket-apis.ts'
import { MillraceError } from '../../wire/errors.ts'
import type {
  ConnectedSocket,
  GatewaySocket,
  SocketConnection,
  SocketDescription,
} from '../../wire/socket-connection.ts'

export function describeGatewaySocket(socket: GatewaySocket): SocketDescription {
  return { door: 'native', ...partsOf(socket), longStreams: socket.longStreams }
}

export function describeApiSocket(socket: SocketConnection): SocketDescription {
  const { apiId: api, stage, lastActiveAt } = socket
  return { door: 'api', ...partsOf(socket), api, stage, lastActiveAt }
}

function partsOf({ id, sourceIp, userAgent, connectedAt }: ConnectedSocket) {
  return { id, sourceIp, userAgent, connectedAt }
}

/** @throws socket_api_not_found */
export function socketApiOf({ socketApis }: Broker, api: string): SocketApi {
  const record = socketApis.records.get(api)
  if (record === undefined) throw new MillraceError('socket_api_not_found', { api })
  return record
}
