import type { Topic } from '../../modes/topic.ts'
import type { Published, TopicMessage } from '../../modes/topic-record.ts'
import type { InputOf, Members } from '../../wire/aws-shape.ts'
import { sequenceNumber } from '../../wire/sqs-message.ts'
import type { AwsContext } from '../aws/operation.ts'
import { invalidParameter } from './errors.ts'
import { text } from './members.ts'
import { attributesIn, messageAttributes } from './message-attributes.ts'
import { objectIn } from './topic-attributes.ts'

const subjectMax = 100

/** What a message takes, alone or in a batch. */
export const messageMembers = {
  Message: text,
  Subject: text,
  MessageStructure: text,
  MessageAttributes: messageAttributes,
  MessageDeduplicationId: text,
  MessageGroupId: text,
} as const satisfies Members

/**
 * The message of a request or an entry, checked.
 * @throws AwsError InvalidParameter, ParameterValueInvalid
 */
export function messageIn(
  topic: Topic,
  input: InputOf<typeof messageMembers>,
  { trace }: Pick<AwsContext, 'trace'>,
): TopicMessage {
  const { Message = '', Subject: subject, MessageStructure, MessageGroupId, MessageDeduplicationId } = input
  if (Message === '') throw invalidParameter('Empty message')
  if (subject !== undefined && !isSubject(subject)) throw invalidParameter('Subject')
  if (MessageStructure !== undefined && MessageStructure !== 'json') throw invalidParameter('MessageStructure')
  requireOrder(topic, MessageGroupId, MessageDeduplicationId)
  const byProtocol = MessageStructure === 'json' ? textsIn(Message) : undefined
  return {
    body: Buffer.from(byProtocol?.get('default') ?? Message),
    byProtocol,
    subject,
    attributes: attributesIn(input.MessageAttributes),
    group: MessageGroupId,
    deduplicationId: MessageDeduplicationId,
    trace,
  }
}

/** What the publisher is told. */
export function publishedOutput({ id, sequence }: Published): object {
  return { MessageId: id, SequenceNumber: sequence === undefined ? undefined : sequenceNumber(sequence) }
}

/** Up to 100 characters, none of which breaks a line of a mail's head. */
function isSubject(text: string): boolean {
  return text.length > 0 && text.length <= subjectMax && !/\p{Cc}/u.test(text) && !/^\s/.test(text)
}

function textsIn(message: string): ReadonlyMap<string, string> {
  const texts = objectIn(message)
  if (texts === undefined) throw invalidParameter('Message Structure - JSON message body failed to parse')
  const kept = Object.entries(texts).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  const byProtocol = new Map(kept)
  if (!byProtocol.has('default')) {
    throw invalidParameter('Message Structure - No default entry in JSON message body')
  }
  return byProtocol
}

function requireOrder({ record }: Topic, group: string | undefined, id: string | undefined): void {
  const { fifo, contentBasedDeduplication } = record.settings
  for (const [name, token] of [
    ['MessageGroupId', group],
    ['MessageDeduplicationId', id],
  ] as const) {
    if (token === undefined || /^[A-Za-z0-9!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]{1,128}$/.test(token)) continue
    throw invalidParameter(
      `${name} Reason: can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
    )
  }
  if (!fifo) {
    if (id === undefined) return
    throw invalidParameter(
      'MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type',
    )
  }
  if (group === undefined) throw invalidParameter('The MessageGroupId parameter is required for FIFO topics')
  if (id === undefined && !contentBasedDeduplication) {
    throw invalidParameter(
      'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    )
  }
}
