import { awsOperation } from '../aws/operation.ts'
import { queueAt, urlOf } from './address.ts'
import { queueUrl } from './members.ts'
import { pageOf } from './pages.ts'

/** The URLs of the queues whose dead letters a queue takes. */
export const listDeadLetterSourceQueues = awsOperation({
  name: 'ListDeadLetterSourceQueues',
  input: { QueueUrl: queueUrl, NextToken: { type: 'string' }, MaxResults: { type: 'integer' } },
  run(broker, { QueueUrl, NextToken, MaxResults }, context) {
    const { name } = queueAt(broker, QueueUrl, context)
    const names = broker.queues.sourcesOf(name).map((queue) => queue.name)
    const { page, next } = pageOf(names, MaxResults, NextToken)
    return { queueUrls: page.map((each) => urlOf(each, context)), NextToken: next }
  },
  output: { queueUrls: { type: 'list', of: { type: 'string' }, flattened: 'QueueUrl' } },
})
