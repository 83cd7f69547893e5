import { awsOperation } from '../aws/operation.ts'
import { queueAt } from './address.ts'
import { missingParameter } from './errors.ts'
import { queueUrl } from './members.ts'

/** Deletes a message that was received; it is gone for good when the answer comes. */
export const deleteMessage = awsOperation({
  name: 'DeleteMessage',
  input: { QueueUrl: queueUrl, ReceiptHandle: { type: 'string' } },
  async run(broker, { QueueUrl, ReceiptHandle: handle }, context) {
    const queue = queueAt(broker, QueueUrl, context)
    if (handle === undefined || handle === '') throw missingParameter('ReceiptHandle')
    const [error] = await queue.settle([{ kind: 'delete', handle }])
    if (error !== undefined) throw error
    return undefined
  },
})
