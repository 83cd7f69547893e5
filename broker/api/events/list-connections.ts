import { awsOperation } from '../aws/operation.ts'
import { connectionSummary } from './connection-answer.ts'
import { name, page } from './members.ts'
import { pageOf } from './names.ts'

const states = [
  'CREATING',
  'UPDATING',
  'DELETING',
  'AUTHORIZED',
  'DEAUTHORIZED',
  'AUTHORIZING',
  'DEAUTHORIZING',
  'ACTIVE',
  'FAILED_CONNECTIVITY',
] as const

/** Connections in the order of their names, a page at a time. */
export const listConnections = awsOperation({
  name: 'ListConnections',
  input: { NamePrefix: name, ConnectionState: { type: 'string', enum: states }, ...page },
  run({ buses }, input) {
    const { NamePrefix = '', ConnectionState: state } = input
    const wanted = buses.connections.connections
      .list()
      .filter((each) => each.name.startsWith(NamePrefix))
      .filter(({ auth }) => state === undefined || state === (auth === undefined ? 'DEAUTHORIZED' : 'AUTHORIZED'))
    const { page: some, next } = pageOf(wanted, (each) => each.name, input)
    return { Connections: some.map(connectionSummary), NextToken: next }
  },
})
