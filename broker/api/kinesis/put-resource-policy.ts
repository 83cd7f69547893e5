import { awsOperation } from '../aws/operation.ts'
import { invalidArgument } from './errors.ts'
import { resourceArn, streamId } from './members.ts'
import { resourceOf } from './names.ts'
import { changeResource } from './resource-changes.ts'

/** Keeps a policy of a stream or consumer, which has no effect here. */
export const putResourcePolicy = awsOperation({
  name: 'PutResourcePolicy',
  input: {
    ResourceARN: { ...resourceArn, required: true },
    StreamId: streamId,
    Policy: { type: 'string', required: true, max: 20_480 },
  },
  async run(broker, input, context) {
    const resource = resourceOf(broker, input.ResourceARN, context)
    requireDocument(input.Policy)
    await changeResource(resource, (current) => ({ ...current, policy: input.Policy }))
    return undefined
  },
})

function requireDocument(policy: string): void {
  try {
    JSON.parse(policy)
  } catch {
    throw invalidArgument('The policy is not valid JSON.')
  }
}
