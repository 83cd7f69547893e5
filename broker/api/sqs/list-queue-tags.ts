import { awsOperation } from '../aws/operation.ts'
import { queueAt } from './address.ts'
import { queueUrl, tagMap } from './members.ts'

/** A queue's tags. */
export const listQueueTags = awsOperation({
  name: 'ListQueueTags',
  input: { QueueUrl: queueUrl },
  run(broker, { QueueUrl }, context) {
    const { tags } = queueAt(broker, QueueUrl, context).settings
    return { Tags: Object.keys(tags).length === 0 ? undefined : tags }
  },
  output: { Tags: tagMap },
})
