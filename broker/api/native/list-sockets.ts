import { Fields } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { describeApiSocket, describeGatewaySocket } from './socket-description.ts'

/**
 * Who is connected by a WebSocket: `?limit=100&api=ID` → `{sockets, total}`, those of the native protocol first, or only those of one
 * WebSocket API.
 */
export const listSockets: CallOperation = {
  method: 'GET',
  path: '/v1/sockets',
  run({ socketConnections }, request) {
    const fields = new Fields(request.query)
    const limit = fields.integer('limit', { min: 1, max: 1_000 }) ?? 100
    const api = fields.name('api')
    fields.done()
    const gateway = api === undefined ? [...socketConnections.gateway.values()] : []
    const ofApis = api === undefined ? socketConnections.list() : socketConnections.ofApi(api)
    const sockets = gateway.slice(0, limit).map(describeGatewaySocket)
    sockets.push(...ofApis.slice(0, limit - sockets.length).map(describeApiSocket))
    return { body: { sockets, total: gateway.length + ofApis.length } }
  },
}
