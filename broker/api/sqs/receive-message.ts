import type { Member } from '../../wire/aws-shape.ts'
import { awsOperation } from '../aws/operation.ts'
import { queueAt } from './address.ts'
import { invalidValue } from './errors.ts'
import { attributeMap, attributeNameList, queueUrl } from './members.ts'
import { messageAttributes } from './message-attributes.ts'
import { messageOutput, requireSystemAttributes } from './receiving.ts'

const names = { type: 'list', of: { type: 'string' } } as const

/** Receives up to 10 messages, waiting for the first one as long as asked; the wait ends with the connection. */
export const receiveMessage = awsOperation({
  name: 'ReceiveMessage',
  input: {
    QueueUrl: queueUrl,
    AttributeNames: attributeNameList,
    MessageSystemAttributeNames: { ...names, flattened: 'MessageSystemAttributeName' },
    MessageAttributeNames: { ...names, flattened: 'MessageAttributeName' },
    MaxNumberOfMessages: { type: 'integer' },
    VisibilityTimeout: { type: 'integer' },
    WaitTimeSeconds: { type: 'integer' },
    ReceiveRequestAttemptId: { type: 'string' },
  },
  async run(broker, input, context) {
    const queue = queueAt(broker, input.QueueUrl, context)
    const { MaxNumberOfMessages: max = 1, VisibilityTimeout: visibility, WaitTimeSeconds: wait } = input
    if (max < 1 || max > 10) {
      throw invalidValue(max, 'MaxNumberOfMessages', 'Must be between 1 and 10, if provided.')
    }
    if (wait !== undefined && (wait < 0 || wait > 20)) {
      throw invalidValue(wait, 'WaitTimeSeconds', 'Must be >= 0 and <= 20, if provided.')
    }
    requireVisibility(visibility)
    const system = [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])]
    requireSystemAttributes(system)
    const options = {
      max,
      waitMillis: wait === undefined ? undefined : wait * 1_000,
      visibilityMillis: visibility === undefined ? undefined : visibility * 1_000,
      attemptId: queue.settings.fifo ? input.ReceiveRequestAttemptId : undefined,
    }
    const messages = await broker.waiting(context.signal, (signal) => queue.receive({ ...options, signal }))
    const asked = { system, attributes: input.MessageAttributeNames ?? [] }
    const shown = messages.map((each) => messageOutput(each, queue.settings.fifo, asked, context))
    return { Messages: shown.length === 0 ? undefined : shown }
  },
  output: { Messages: messageList() },
})

/** @throws AwsError InvalidParameterValueException */
export function requireVisibility(seconds: number | undefined): void {
  if (seconds === undefined || (seconds >= 0 && seconds <= 43_200)) return
  throw invalidValue(seconds, 'VisibilityTimeout', 'VisibilityTimeout must be an integer between 0 and 43200.')
}

function messageList(): Member {
  const members = { Attributes: attributeMap, MessageAttributes: messageAttributes }
  return { type: 'list', of: { type: 'structure', members }, flattened: 'Message' }
}
