import { awsOperation } from '../aws/operation.ts'
import { streamMembers } from './members.ts'
import { streamOf } from './names.ts'
import { tagList, tagsMax } from './tags.ts'

/** A stream's tags, a page at a time. */
export const listTagsForStream = awsOperation({
  name: 'ListTagsForStream',
  input: {
    ...streamMembers,
    ExclusiveStartTagKey: { type: 'string', min: 1, max: 128 },
    Limit: { type: 'integer', min: 1, max: 50 },
  },
  run(broker, input, context) {
    const { tags } = streamOf(broker, input, context).profile.current
    const after = input.ExclusiveStartTagKey ?? ''
    const chosen = tagList(tags).filter((tag) => tag.Key > after)
    const page = chosen.slice(0, input.Limit ?? tagsMax)
    return { Tags: page, HasMoreTags: chosen.length > page.length }
  },
})
