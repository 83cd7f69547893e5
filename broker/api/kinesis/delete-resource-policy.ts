import { awsOperation } from '../aws/operation.ts'
import { resourceNotFound } from './errors.ts'
import { resourceArn, streamId } from './members.ts'
import { resourceOf } from './names.ts'
import { changeResource, commonOf } from './resource-changes.ts'

/** Forgets the policy of a stream or consumer. */
export const deleteResourcePolicy = awsOperation({
  name: 'DeleteResourcePolicy',
  input: { ResourceARN: { ...resourceArn, required: true }, StreamId: streamId },
  async run(broker, input, context) {
    const resource = resourceOf(broker, input.ResourceARN, context)
    if (commonOf(resource).policy === undefined) {
      throw resourceNotFound(`No resource policy was found for ${input.ResourceARN}.`)
    }
    // JSON, which the catalog keeps, leaves out what is undefined; an absent member would leave the old one there.
    await changeResource(resource, ({ tags }) => ({ tags, policy: undefined }))
    return undefined
  },
})
