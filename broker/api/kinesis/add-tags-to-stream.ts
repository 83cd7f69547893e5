import { awsOperation } from '../aws/operation.ts'
import { streamMembers, tagMap } from './members.ts'
import { streamOf } from './names.ts'
import { withTags } from './tags.ts'

/** Adds tags to a stream, or gives them new values. */
export const addTagsToStream = awsOperation({
  name: 'AddTagsToStream',
  input: { ...streamMembers, Tags: { ...tagMap, required: true } },
  async run(broker, input, context) {
    const stream = streamOf(broker, input, context)
    const what = `stream ${stream.name} under account ${context.account}`
    await stream.profile.change((profile) => ({ ...profile, tags: withTags(profile.tags, input.Tags, what) }))
    return undefined
  },
})
