import { awsOperation } from '../aws/operation.ts'
import { resourceArn, streamId } from './members.ts'
import { resourceOf } from './names.ts'
import { commonOf } from './resource-changes.ts'
import { tagList } from './tags.ts'

/** The tags of a stream or consumer. */
export const listTagsForResource = awsOperation({
  name: 'ListTagsForResource',
  input: { ResourceARN: { ...resourceArn, required: true }, StreamId: streamId },
  run(broker, input, context) {
    return { Tags: tagList(commonOf(resourceOf(broker, input.ResourceARN, context)).tags) }
  },
})
