import { awsOperation } from '../aws/operation.ts'
import { connectionAnswer } from './connection-answer.ts'
import { name } from './members.ts'

/** Deletes a connection; API destinations that use it fail from then on. */
export const deleteConnection = awsOperation({
  name: 'DeleteConnection',
  input: { Name: { ...name, required: true } },
  async run({ buses }, input) {
    const record = await buses.connections.deleteConnection(input.Name)
    return { ...connectionAnswer(record), ConnectionState: 'DELETING' }
  },
})
