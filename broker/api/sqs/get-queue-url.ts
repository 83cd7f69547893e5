import { awsOperation } from '../aws/operation.ts'
import { urlOf } from './address.ts'
import { missingParameter, queueDoesNotExist } from './errors.ts'

/** A queue's URL, by its name. */
export const getQueueUrl = awsOperation({
  name: 'GetQueueUrl',
  input: { QueueName: { type: 'string' }, QueueOwnerAWSAccountId: { type: 'string' } },
  run(broker, { QueueName: name }, context) {
    if (name === undefined) throw missingParameter('QueueName')
    if (broker.queues.find(name) === undefined) throw queueDoesNotExist(context)
    return { QueueUrl: urlOf(name, context) }
  },
})
