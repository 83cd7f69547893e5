import { awsOperation } from '../aws/operation.ts'
import { queueAt } from './address.ts'
import { queueUrl } from './members.ts'

/** Deletes a queue and its messages; its name is free at once. */
export const deleteQueue = awsOperation({
  name: 'DeleteQueue',
  input: { QueueUrl: queueUrl },
  async run(broker, { QueueUrl }, context) {
    await broker.queues.delete(queueAt(broker, QueueUrl, context).name)
    return undefined
  },
})
