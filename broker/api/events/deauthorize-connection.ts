import { awsOperation } from '../aws/operation.ts'
import { connectionAnswer } from './connection-answer.ts'
import { name } from './members.ts'

/** Forgets the secrets of a connection. */
export const deauthorizeConnection = awsOperation({
  name: 'DeauthorizeConnection',
  input: { Name: { ...name, required: true } },
  async run({ buses }, input) {
    const record = await buses.connections.changeConnection(input.Name, ({ auth: _, ...current }) => current)
    return connectionAnswer(record)
  },
})
