import { awsOperation } from '../aws/operation.ts'
import { arn } from './members.ts'
import { taggedOf } from './names.ts'

/** Removes tags from a bus or a rule. */
export const untagResource = awsOperation({
  name: 'UntagResource',
  input: {
    ResourceARN: { ...arn, required: true },
    TagKeys: { type: 'list', required: true, of: { type: 'string', min: 1, max: 128 } },
  },
  async run(broker, { ResourceARN, TagKeys: keys }) {
    const { bus, rule } = taggedOf(broker, ResourceARN)
    const untagged = <T extends { readonly tags: Readonly<Record<string, string>> }>(record: T) => {
      const left = Object.entries(record.tags).filter(([key]) => !keys.includes(key))
      return { ...record, tags: Object.fromEntries(left) }
    }
    if (rule === undefined) await broker.buses.change(bus.name, untagged)
    else await broker.buses.rules.change(bus.name, rule.rule, untagged)
    return {}
  },
})
