import { awsOperation } from '../aws/operation.ts'
import { streamMembers, tagKeys } from './members.ts'
import { streamOf } from './names.ts'
import { withoutTags } from './tags.ts'

/** Removes tags from a stream; those it hasn't are passed over. */
export const removeTagsFromStream = awsOperation({
  name: 'RemoveTagsFromStream',
  input: { ...streamMembers, TagKeys: { ...tagKeys, required: true } },
  async run(broker, input, context) {
    const stream = streamOf(broker, input, context)
    await stream.profile.change((profile) => ({ ...profile, tags: withoutTags(profile.tags, input.TagKeys) }))
    return undefined
  },
})
