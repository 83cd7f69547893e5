import { awsOperation } from '../aws/operation.ts'
import { queueAt } from './address.ts'
import { missingParameter } from './errors.ts'
import { queueUrl } from './members.ts'
import { requireVisibility } from './receive-message.ts'

/** Changes for how long a message in flight stays invisible, counted from now; 0 ends it at once. */
export const changeMessageVisibility = awsOperation({
  name: 'ChangeMessageVisibility',
  input: { QueueUrl: queueUrl, ReceiptHandle: { type: 'string' }, VisibilityTimeout: { type: 'integer' } },
  async run(broker, { QueueUrl, ReceiptHandle: handle, VisibilityTimeout: seconds }, context) {
    const queue = queueAt(broker, QueueUrl, context)
    if (handle === undefined || handle === '') throw missingParameter('ReceiptHandle')
    if (seconds === undefined) throw missingParameter('VisibilityTimeout')
    requireVisibility(seconds)
    const [error] = await queue.settle([{ kind: 'visibility', handle, visibilityMillis: seconds * 1_000 }])
    if (error !== undefined) throw error
    return undefined
  },
})
