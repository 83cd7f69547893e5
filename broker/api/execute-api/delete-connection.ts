import { awsOperation } from '../aws/operation.ts'
import { connectionMembers, connectionOf, connectionPath, connectionPathOfApi } from './connection.ts'

/** Ends a client's connection; the function of `$disconnect` hears of it. */
export const deleteConnection = awsOperation({
  name: 'DeleteConnection',
  http: { method: 'DELETE', path: connectionPath, also: connectionPathOfApi, status: 204 },
  input: connectionMembers,
  run(broker, input) {
    connectionOf(broker, input).end()
    return undefined
  },
})
