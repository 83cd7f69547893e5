import { awsOperation } from '../aws/operation.ts'
import { queueAt } from './address.ts'
import { batchMembers, batchOutput, requireBatch } from './batches.ts'
import { queueUrl } from './members.ts'

const entryName = 'DeleteMessageBatchRequestEntry'

/** Deletes up to 10 messages, each with an outcome of its own. */
export const deleteMessageBatch = awsOperation({
  name: 'DeleteMessageBatch',
  input: {
    QueueUrl: queueUrl,
    Entries: {
      type: 'list',
      of: { type: 'structure', members: { Id: { type: 'string' }, ReceiptHandle: { type: 'string' } } },
      flattened: entryName,
    },
  },
  async run(broker, { QueueUrl, Entries }, context) {
    const queue = queueAt(broker, QueueUrl, context)
    const entries = requireBatch(Entries, entryName)
    const requests = entries.map(({ ReceiptHandle: handle = '' }) => ({ kind: 'delete', handle }) as const)
    return batchOutput(entries, await queue.settle(requests), context)
  },
  output: batchMembers('DeleteMessageBatchResultEntry'),
})
