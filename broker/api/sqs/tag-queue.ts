import { awsOperation } from '../aws/operation.ts'
import { queueAt } from './address.ts'
import { invalidParameter, missingParameter } from './errors.ts'
import { queueUrl, tagMap } from './members.ts'

const tagsMax = 50

/** Adds tags to a queue, over those of the same keys. */
export const tagQueue = awsOperation({
  name: 'TagQueue',
  input: { QueueUrl: queueUrl, Tags: tagMap },
  async run(broker, { QueueUrl, Tags }, context) {
    const { name } = queueAt(broker, QueueUrl, context)
    if (Tags === undefined) throw missingParameter('Tags')
    await broker.queues.configure(name, (settings) => {
      const tags = { ...settings.tags, ...Tags }
      if (Object.keys(tags).length > tagsMax) throw invalidParameter(`Too many tags added for queue ${name}.`)
      return { ...settings, tags }
    })
    return undefined
  },
})
