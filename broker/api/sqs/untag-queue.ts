import { awsOperation } from '../aws/operation.ts'
import { queueAt } from './address.ts'
import { missingParameter } from './errors.ts'
import { queueUrl } from './members.ts'

/** Removes tags from a queue. */
export const untagQueue = awsOperation({
  name: 'UntagQueue',
  input: { QueueUrl: queueUrl, TagKeys: { type: 'list', of: { type: 'string' }, flattened: 'TagKey' } },
  async run(broker, { QueueUrl, TagKeys: keys }, context) {
    const { name } = queueAt(broker, QueueUrl, context)
    if (keys === undefined || keys.length === 0) throw missingParameter('TagKeys')
    await broker.queues.configure(name, (settings) => {
      const tags = Object.entries(settings.tags).filter(([key]) => !keys.includes(key))
      return { ...settings, tags: Object.fromEntries(tags) }
    })
    return undefined
  },
})
