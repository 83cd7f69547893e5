import { awsOperation } from '../aws/operation.ts'
import { resourceArn, streamId, tagKeys } from './members.ts'
import { resourceOf } from './names.ts'
import { changeResource } from './resource-changes.ts'
import { withoutTags } from './tags.ts'

/** Removes tags from a stream or consumer; those it hasn't are passed over. */
export const untagResource = awsOperation({
  name: 'UntagResource',
  input: {
    TagKeys: { ...tagKeys, required: true },
    ResourceARN: { ...resourceArn, required: true },
    StreamId: streamId,
  },
  async run(broker, input, context) {
    const resource = resourceOf(broker, input.ResourceARN, context)
    await changeResource(resource, (current) => ({ ...current, tags: withoutTags(current.tags, input.TagKeys) }))
    return undefined
  },
})
