import type { SettleRequest } from '../../modes/queue-settling.ts'
import { awsOperation } from '../aws/operation.ts'
import { queueAt } from './address.ts'
import { batchMembers, batchOutput, requireBatch } from './batches.ts'
import { invalidValue } from './errors.ts'
import { queueUrl } from './members.ts'

const entryName = 'ChangeMessageVisibilityBatchRequestEntry'

/** Changes the visibility of up to 10 messages, each with an outcome of its own. */
export const changeMessageVisibilityBatch = awsOperation({
  name: 'ChangeMessageVisibilityBatch',
  input: {
    QueueUrl: queueUrl,
    Entries: {
      type: 'list',
      of: {
        type: 'structure',
        members: { Id: { type: 'string' }, ReceiptHandle: { type: 'string' }, VisibilityTimeout: { type: 'integer' } },
      },
      flattened: entryName,
    },
  },
  async run(broker, { QueueUrl, Entries }, context) {
    const queue = queueAt(broker, QueueUrl, context)
    const entries = requireBatch(Entries, entryName)
    const wrong = entries.map(({ VisibilityTimeout: seconds = 0 }) =>
      seconds >= 0 && seconds <= 43_200
        ? undefined
        : invalidValue(seconds, 'VisibilityTimeout', 'VisibilityTimeout must be an integer between 0 and 43200.'),
    )
    const requests = entries.flatMap(
      ({ ReceiptHandle: handle = '', VisibilityTimeout: seconds = 0 }, i): SettleRequest[] =>
        wrong[i] === undefined ? [{ kind: 'visibility', handle, visibilityMillis: seconds * 1_000 }] : [],
    )
    const settled = (await queue.settle(requests)).values()
    const results = wrong.map((error) => error ?? settled.next().value)
    return batchOutput(entries, results, context)
  },
  output: batchMembers('ChangeMessageVisibilityBatchResultEntry'),
})
