import { awsOperation } from '../aws/operation.ts'
import { urlOf } from './address.ts'
import { pageOf } from './pages.ts'

/** The URLs of queues whose names begin with a prefix; pages of MaxResults, or the first 1,000. */
export const listQueues = awsOperation({
  name: 'ListQueues',
  input: {
    QueueNamePrefix: { type: 'string' },
    NextToken: { type: 'string' },
    MaxResults: { type: 'integer' },
  },
  run(broker, { QueueNamePrefix: prefix = '', NextToken, MaxResults }, context) {
    const names = broker.queues.list().flatMap(({ name }) => (name.startsWith(prefix) ? [name] : []))
    const { page, next } = pageOf(names, MaxResults, NextToken)
    return { QueueUrls: page.length === 0 ? undefined : page.map((name) => urlOf(name, context)), NextToken: next }
  },
  output: { QueueUrls: { type: 'list', of: { type: 'string' }, flattened: 'QueueUrl' } },
})
