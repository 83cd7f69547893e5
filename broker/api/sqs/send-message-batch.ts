import type { OutgoingMessage } from '../../modes/queue-sender.ts'
import { MillraceError } from '../../wire/errors.ts'
import { messageBytes } from '../../wire/queue-message.ts'
import { awsOperation } from '../aws/operation.ts'
import { queueAt } from './address.ts'
import { batchMembers, batchOutput, requireBatch } from './batches.ts'
import { batchRequestTooLong } from './errors.ts'
import { queueUrl } from './members.ts'
import { messageIn, messageMembers, sentOutput } from './sending.ts'

const entryName = 'SendMessageBatchRequestEntry'

/** Sends up to 10 messages, each with an outcome of its own; those of a FIFO queue keep their order even if one fails. */
export const sendMessageBatch = awsOperation({
  name: 'SendMessageBatch',
  input: {
    QueueUrl: queueUrl,
    Entries: {
      type: 'list',
      of: { type: 'structure', members: { Id: { type: 'string' }, ...messageMembers } },
      flattened: entryName,
    },
  },
  async run(broker, input, context) {
    const queue = queueAt(broker, input.QueueUrl, context)
    const entries = requireBatch(input.Entries, entryName)
    const messages = entries.map((entry) => attempt(() => messageIn(queue, entry, context)))
    const good = messages.filter((each): each is OutgoingMessage => !(each instanceof Error))
    const bytes = good.reduce((sum, each) => sum + messageBytes(each), 0)
    const limit = broker.limits.messageBytesMax
    if (bytes > limit) throw batchRequestTooLong(bytes, limit)
    const sent = (await queue.send(good)).values()
    const results = messages.map((message, i) => {
      if (message instanceof Error) return message
      const result = sent.next().value
      if (result === undefined || result instanceof MillraceError)
        return result ?? new MillraceError('internal', { reason: 'an entry of the batch was lost' })
      return sentOutput(queue, entries[i] ?? {}, message, result)
    })
    return batchOutput(entries, results, context)
  },
  output: batchMembers('SendMessageBatchResultEntry'),
})

function attempt<T>(work: () => T): T | Error {
  try {
    return work()
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
