import { awsOperation } from '../aws/operation.ts'
import { resourceArn, streamId, tagMap } from './members.ts'
import { resourceOf } from './names.ts'
import { changeResource } from './resource-changes.ts'
import { withTags } from './tags.ts'

/** Adds tags to a stream or consumer, or gives them new values. */
export const tagResource = awsOperation({
  name: 'TagResource',
  input: { Tags: { ...tagMap, required: true }, ResourceARN: { ...resourceArn, required: true }, StreamId: streamId },
  async run(broker, input, context) {
    const resource = resourceOf(broker, input.ResourceARN, context)
    await changeResource(resource, (current) => ({
      ...current,
      tags: withTags(current.tags, input.Tags, input.ResourceARN),
    }))
    return undefined
  },
})
