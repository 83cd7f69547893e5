import type { Queue } from '../../modes/queue.ts'
import type { OutgoingMessage, SentMessage } from '../../modes/queue-sender.ts'
import type { InputOf, Members } from '../../wire/aws-shape.ts'
import { sequenceNumber } from '../../wire/sqs-message.ts'
import type { AwsContext } from '../aws/operation.ts'
import { md5, md5OfAttributes } from './digests.ts'
import { invalidParameter, invalidValue, missingParameter } from './errors.ts'
import { attributesIn, messageAttributes, messageSystemAttributes } from './message-attributes.ts'
import { requireCharacters } from './message-text.ts'
import { notForThisType } from './translate.ts'

/** What a message takes, alone or in a batch. */
export const messageMembers = {
  MessageBody: { type: 'string' },
  DelaySeconds: { type: 'integer' },
  MessageAttributes: messageAttributes,
  MessageSystemAttributes: messageSystemAttributes,
  MessageDeduplicationId: { type: 'string' },
  MessageGroupId: { type: 'string' },
} as const satisfies Members

type MessageInput = InputOf<typeof messageMembers>

/**
 * The message of a request or an entry, checked.
 * @throws AwsError InvalidParameterValueException, MissingRequiredParameterException, InvalidMessageContents
 */
export function messageIn(queue: Queue, input: MessageInput, { trace }: Pick<AwsContext, 'trace'>): OutgoingMessage {
  const { MessageBody, DelaySeconds, MessageDeduplicationId, MessageGroupId } = input
  if (MessageBody === undefined || MessageBody === '') throw missingParameter('MessageBody')
  requireCharacters(MessageBody)
  const { fifo } = queue.settings
  if (DelaySeconds !== undefined && (DelaySeconds < 0 || DelaySeconds > 900)) {
    throw invalidValue(DelaySeconds, 'DelaySeconds', 'DelaySeconds must be >= 0 and <= 900.')
  }
  requireToken('MessageGroupId', MessageGroupId)
  requireToken('MessageDeduplicationId', MessageDeduplicationId)
  if (!fifo && MessageDeduplicationId !== undefined) {
    throw invalidValue(MessageDeduplicationId, 'MessageDeduplicationId', notForThisType)
  }
  const system = systemAttributesIn(input)
  return {
    body: Buffer.from(MessageBody),
    group: MessageGroupId,
    deduplicationId: MessageDeduplicationId,
    delayMillis: DelaySeconds === undefined ? undefined : DelaySeconds * 1_000,
    attributes: attributesIn(input.MessageAttributes),
    trace: (system?.['AWSTraceHeader']?.value as string | undefined) ?? trace,
  }
}

function requireToken(parameter: string, token: string | undefined): void {
  if (token === undefined || /^[A-Za-z0-9!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]{1,128}$/.test(token)) return
  const reason = `${parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.`
  throw invalidValue(token, parameter, reason)
}

function systemAttributesIn({ MessageSystemAttributes }: MessageInput) {
  const attributes = attributesIn(MessageSystemAttributes)
  for (const [name, { type }] of Object.entries(attributes ?? {})) {
    if (name !== 'AWSTraceHeader') throw invalidParameter(`The message system attribute name '${name}' is invalid.`)
    if (type === 'String') continue
    throw invalidParameter(`The value of the message system attribute '${name}' must be of type String.`)
  }
  return attributes
}

/** What the sender is told, to compare with what he sent. */
export function sentOutput(queue: Queue, input: MessageInput, message: OutgoingMessage, sent: SentMessage): object {
  const system = attributesIn(input.MessageSystemAttributes)
  return {
    MessageId: sent.id,
    MD5OfMessageBody: md5(message.body),
    MD5OfMessageAttributes: message.attributes && md5OfAttributes(message.attributes),
    MD5OfMessageSystemAttributes: system && md5OfAttributes(system),
    SequenceNumber: queue.settings.fifo ? sequenceNumber(sent.sequence) : undefined,
  }
}
