import { awsOperation } from '../aws/operation.ts'
import { name } from './members.ts'

/** Deletes an API destination; rules that have it as a target fail from then on. */
export const deleteApiDestination = awsOperation({
  name: 'DeleteApiDestination',
  input: { Name: { ...name, required: true } },
  async run({ buses }, input) {
    await buses.connections.deleteDestination(input.Name)
    return {}
  },
})
