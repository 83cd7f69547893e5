import { awsOperation } from '../aws/operation.ts'
import { connectionMembers, connectionOf, connectionPath, connectionPathOfApi } from './connection.ts'

/** Since when a client is connected, and from where. */
export const getConnection = awsOperation({
  name: 'GetConnection',
  http: { method: 'GET', path: connectionPath, also: connectionPathOfApi },
  input: connectionMembers,
  run(broker, input) {
    const { connectedAt, lastActiveAt, sourceIp, userAgent } = connectionOf(broker, input)
    return {
      connectedAt: new Date(connectedAt).toISOString(),
      lastActiveAt: new Date(lastActiveAt).toISOString(),
      identity: { sourceIp, userAgent },
    }
  },
})
