import { awsOperation } from '../aws/operation.ts'
import { resourceNotFound } from './errors.ts'
import { resourceArn, streamId } from './members.ts'
import { resourceOf } from './names.ts'
import { commonOf } from './resource-changes.ts'

/** The policy of a stream or consumer. */
export const getResourcePolicy = awsOperation({
  name: 'GetResourcePolicy',
  input: { ResourceARN: { ...resourceArn, required: true }, StreamId: streamId },
  run(broker, input, context) {
    const { policy } = commonOf(resourceOf(broker, input.ResourceARN, context))
    if (policy === undefined) throw resourceNotFound(`No resource policy was found for ${input.ResourceARN}.`)
    return { Policy: policy }
  },
})
