import { awsOperation } from '../aws/operation.ts'
import { busName } from './members.ts'

/** Deletes a bus and its archives; one that is not there is no error. */
export const deleteEventBus = awsOperation({
  name: 'DeleteEventBus',
  input: { Name: { ...busName, required: true } },
  async run({ buses, archives }, { Name: name }) {
    if (buses.find(name) === undefined) return {}
    await buses.delete(name)
    await archives.forget(name)
    return {}
  },
})
