import { awsOperation } from '../aws/operation.ts'
import { resourceInUse } from './errors.ts'
import { streamMembers } from './members.ts'
import { streamOf } from './names.ts'

/** Deletes a stream; with consumers registered, only if that is said to be meant. */
export const deleteStream = awsOperation({
  name: 'DeleteStream',
  input: { ...streamMembers, EnforceConsumerDeletion: { type: 'boolean' } },
  async run(broker, input, context) {
    const stream = streamOf(broker, input, context)
    const { consumers } = stream.profile.current
    if (consumers.length > 0 && input.EnforceConsumerDeletion !== true) {
      throw resourceInUse(
        `Stream ${stream.name} under account ${context.account} has ${consumers.length} registered consumers: deregister them first, or set EnforceConsumerDeletion.`,
      )
    }
    await broker.streams.delete(stream.name)
    return undefined
  },
})
