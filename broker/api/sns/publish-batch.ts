import type { Topic } from '../../modes/topic.ts'
import { AwsError } from '../../wire/aws-error.ts'
import { MillraceError } from '../../wire/errors.ts'
import { messageBytes } from '../../wire/queue-message.ts'
import { type AwsContext, awsOperation } from '../aws/operation.ts'
import { translate } from '../aws/translate.ts'
import { batchTooLong, emptyBatch, idsNotDistinct, invalidEntryId, tooManyEntries } from './errors.ts'
import { required } from './members.ts'
import { topicAt } from './names.ts'
import { messageIn, messageMembers, publishedOutput } from './publishing.ts'
import { translateSns } from './translate.ts'

const entriesMax = 10

const structures = { type: 'list', of: { type: 'structure', members: {} } } as const

/** Publishes up to 10 messages, each with an outcome of its own; those of a FIFO topic keep their order even if one fails. */
export const publishBatch = awsOperation({
  name: 'PublishBatch',
  input: {
    TopicArn: required,
    PublishBatchRequestEntries: {
      type: 'list',
      required: true,
      of: { type: 'structure', members: { Id: { type: 'string' }, ...messageMembers } },
    },
  },
  async run(broker, { TopicArn, PublishBatchRequestEntries: entries }, context) {
    const topic = topicAt(broker, TopicArn)
    requireIds(entries.map(({ Id = '' }) => Id))
    const messages = entries.map((entry) => attempt(() => messageIn(topic, entry, context)))
    let bytes = 0
    for (const each of messages) if (!(each instanceof Error)) bytes += messageBytes(each)
    if (bytes > topic.record.settings.messageBytesMax) throw batchTooLong()
    // Begun in one turn, so that they share a commit.
    const results = await Promise.all(
      messages.map((message) => (message instanceof Error ? message : published(topic, message))),
    )
    const Successful: object[] = []
    const Failed: object[] = []
    for (const [i, result] of results.entries()) {
      const { Id } = entries[i] ?? {}
      if (result instanceof Error) Failed.push({ Id, ...failureOf(result, context) })
      else Successful.push({ Id, ...result })
    }
    return { Successful, Failed }
  },
  output: { Successful: structures, Failed: structures },
})

async function published(topic: Topic, message: Parameters<Topic['publish']>[0]): Promise<object> {
  try {
    return publishedOutput(await topic.publish(message))
  } catch (error) {
    return MillraceError.wrap(error)
  }
}

function requireIds(ids: readonly string[]): void {
  if (ids.length === 0) throw emptyBatch()
  if (ids.length > entriesMax) throw tooManyEntries()
  for (const id of ids) if (!/^[A-Za-z0-9_-]{1,80}$/.test(id)) throw invalidEntryId(id)
  if (new Set(ids).size < ids.length) throw idsNotDistinct()
}

function failureOf(error: Error, context: AwsContext): object {
  const own = error instanceof MillraceError ? translateSns(error, context, {}) : undefined
  const translated = own ?? (error instanceof AwsError ? error : translate(error))
  return { Code: translated.queryCode, Message: translated.message, SenderFault: translated.fault === 'Sender' }
}

function attempt<T>(work: () => T): T | Error {
  try {
    return work()
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
