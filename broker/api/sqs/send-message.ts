import { MillraceError } from '../../wire/errors.ts'
import { awsOperation } from '../aws/operation.ts'
import { queueAt } from './address.ts'
import { queueUrl } from './members.ts'
import { messageIn, messageMembers, sentOutput } from './sending.ts'

/** Sends a message; it is on disk when the answer comes. */
export const sendMessage = awsOperation({
  name: 'SendMessage',
  input: { QueueUrl: queueUrl, ...messageMembers },
  async run(broker, input, context) {
    const queue = queueAt(broker, input.QueueUrl, context)
    const message = messageIn(queue, input, context)
    const [sent] = await queue.send([message])
    if (sent === undefined || sent instanceof MillraceError)
      throw sent ?? new MillraceError('internal', { reason: 'the message was lost' })
    return sentOutput(queue, input, message, sent)
  },
})
