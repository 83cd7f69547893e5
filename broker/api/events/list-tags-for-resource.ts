import { awsOperation } from '../aws/operation.ts'
import { arn } from './members.ts'
import { taggedOf, tagListOf } from './names.ts'

/** The tags of a bus or a rule. */
export const listTagsForResource = awsOperation({
  name: 'ListTagsForResource',
  input: { ResourceARN: { ...arn, required: true } },
  run(broker, input) {
    const { bus, rule } = taggedOf(broker, input.ResourceARN)
    return { Tags: tagListOf((rule ?? bus.record).tags) }
  },
})
