import type { SocketApiDescription } from '../../wire/socket-connection.ts'
import type { CallOperation } from '../operation.ts'

/** All WebSocket APIs, which are made by API Gateway's operations, and how many clients each has: `{apis}`. */
export const listSocketApis: CallOperation = {
  method: 'GET',
  path: '/v1/socket-apis',
  run({ socketApis, socketConnections }) {
    const apis = socketApis.records.list().map(({ name: api, apiName: name, stages }): SocketApiDescription => {
      return { api, name, stages: Object.keys(stages), sockets: socketConnections.countOf(api) }
    })
    return { body: { apis } }
  },
}
