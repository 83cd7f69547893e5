import { awsOperation } from '../aws/operation.ts'
import { arn, tagList } from './members.ts'
import { taggedOf, tagsIn } from './names.ts'

/** Adds tags to a bus or a rule, or gives them new values. */
export const tagResource = awsOperation({
  name: 'TagResource',
  input: { ResourceARN: { ...arn, required: true }, Tags: { ...tagList, required: true } },
  async run(broker, input) {
    const { bus, rule } = taggedOf(broker, input.ResourceARN)
    const tags = tagsIn(input.Tags)
    const tagged = <T extends { readonly tags: object }>(record: T) => ({
      ...record,
      tags: { ...record.tags, ...tags },
    })
    if (rule === undefined) await broker.buses.change(bus.name, tagged)
    else await broker.buses.rules.change(bus.name, rule.rule, tagged)
    return {}
  },
})
