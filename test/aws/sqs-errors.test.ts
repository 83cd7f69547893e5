import * as assert from 'uvu/assert'
import { sqs } from '../../broker/api/sqs/service.ts'
import type { Members } from '../../broker/wire/aws-shape.ts'
import { suite } from '../suite.ts'
import { claim, send, withBroker } from './harness.ts'
import { queryForm } from './query-form.ts'

const test = suite('SQS errors')

interface Refused {
  readonly operation: string
  readonly input: object
  /** As JSON has it, and as Query has it where that is another. */
  readonly type: string
  readonly code?: string
  readonly status?: number
  /** The whole sentence; in place of HANDLE, the handle that was sent. */
  readonly text: string
  /** Where it is another in Query. */
  readonly queryText?: string
}

const batchOf = (count: number) => Array.from({ length: count }, (_, i) => ({ Id: `${i}`, MessageBody: 'x' }))
const q = (input: object) => ({ QueueUrl: 'q', ...input })
const fifo = (input: object) => ({ QueueUrl: 'f.fifo', MessageBody: 'x', ...input })
const value = { type: 'InvalidParameterValueException', code: 'InvalidParameterValue' }
const missing = { type: 'MissingRequiredParameterException', code: 'MissingParameter' }
const batch = (name: string) => ({ type: name, code: `AWS.SimpleQueueService.${name}` })
const isInvalid = (given: unknown, parameter: string, reason: string) =>
  `Value ${given} for parameter ${parameter} is invalid. Reason: ${reason}`
const noQueue = {
  type: 'QueueDoesNotExist',
  code: 'AWS.SimpleQueueService.NonExistentQueue',
  text: 'The specified queue does not exist.',
  queryText: 'The specified queue does not exist for this wsdl version.',
}
const characters =
  'Invalid binary character was found in the message body, the set of allowed characters is #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF'
const changeGone = 'Message does not exist or is not available for visibility timeout change.'
const needsId =
  'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly'

/** What SQS refuses, and how it says so. */
const refusals: readonly Refused[] = [
  ...[0, 11].map((max) => ({
    operation: 'ReceiveMessage',
    input: q({ MaxNumberOfMessages: max }),
    ...value,
    text: isInvalid(max, 'MaxNumberOfMessages', 'Must be between 1 and 10, if provided.'),
  })),
  ...[21, -1].map((wait) => ({
    operation: 'ReceiveMessage',
    input: q({ WaitTimeSeconds: wait }),
    ...value,
    text: isInvalid(wait, 'WaitTimeSeconds', 'Must be >= 0 and <= 20, if provided.'),
  })),
  {
    operation: 'SendMessage',
    input: q({ MessageBody: 'x'.repeat(1_048_577) }),
    ...value,
    text: 'One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.',
  },
  {
    operation: 'SendMessageBatch',
    input: q({
      Entries: [
        { Id: 'a', MessageBody: 'x'.repeat(1_048_576) },
        { Id: 'b', MessageBody: 'y' },
      ],
    }),
    ...batch('BatchRequestTooLong'),
    text: 'Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.',
  },
  {
    operation: 'SendMessageBatch',
    input: q({ Entries: batchOf(20) }),
    ...batch('TooManyEntriesInBatchRequest'),
    text: 'Maximum number of entries per request are 10. You have sent 20.',
  },
  ...['a b', 'x'.repeat(81)].map((Id) => ({
    operation: 'SendMessageBatch',
    input: q({ Entries: [{ Id, MessageBody: 'x' }] }),
    ...batch('InvalidBatchEntryId'),
    text: 'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
  })),
  {
    operation: 'SendMessageBatch',
    input: q({ Entries: [...batchOf(1), ...batchOf(1)] }),
    ...batch('BatchEntryIdsNotDistinct'),
    text: 'Id 0 repeated.',
  },
  {
    operation: 'SendMessageBatch',
    input: q({ Entries: [] }),
    ...batch('EmptyBatchRequest'),
    text: 'There should be at least one SendMessageBatchRequestEntry in the request.',
  },
  {
    operation: 'SendMessage',
    input: q({ MessageBody: '' }),
    ...missing,
    text: 'The request must contain the parameter MessageBody.',
  },
  ...['\u0001', '\ufffe', '\u001f'].map((MessageBody) => ({
    operation: 'SendMessage',
    input: q({ MessageBody }),
    type: 'InvalidMessageContents',
    text: characters,
  })),
  {
    operation: 'SendMessage',
    input: fifo({ MessageDeduplicationId: 'd' }),
    ...missing,
    text: 'The request must contain the parameter MessageGroupId.',
  },
  { operation: 'SendMessage', input: fifo({ MessageGroupId: 'g' }), ...value, text: needsId },
  {
    operation: 'SendMessage',
    input: fifo({ MessageGroupId: 'g', MessageDeduplicationId: 'd', DelaySeconds: 2 }),
    ...value,
    text: isInvalid(2, 'DelaySeconds', 'The request include parameter that is not valid for this queue type.'),
  },
  {
    operation: 'CreateQueue',
    input: { QueueName: 'q', Attributes: { DelaySeconds: '1' } },
    type: 'QueueNameExists',
    code: 'QueueAlreadyExists',
    text: 'A queue already exists with the same name and a different value for attribute DelaySeconds',
  },
  {
    operation: 'CreateQueue',
    input: { QueueName: 'new', Attributes: { FifoQueue: 'false' } },
    type: 'InvalidAttributeName',
    text: 'Unknown Attribute FifoQueue.',
  },
  {
    operation: 'CreateQueue',
    input: { QueueName: 'new', Attributes: { DeduplicationScope: 'queue' } },
    type: 'InvalidAttributeName',
    text: 'You can specify the DeduplicationScope only when FifoQueue is set to true.',
  },
  {
    operation: 'SetQueueAttributes',
    input: { QueueUrl: 'f.fifo', Attributes: { FifoQueue: 'false' } },
    type: 'InvalidAttributeValue',
    text: 'Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.',
  },
  {
    operation: 'PurgeQueue',
    input: { QueueUrl: 'purged' },
    type: 'PurgeQueueInProgress',
    code: 'AWS.SimpleQueueService.PurgeQueueInProgress',
    status: 403,
    text: 'Only one PurgeQueue operation on purged is allowed every 60 seconds.',
  },
  {
    operation: 'ChangeMessageVisibility',
    input: q({ ReceiptHandle: 'deleted', VisibilityTimeout: 1 }),
    ...value,
    text: isInvalid('HANDLE', 'ReceiptHandle', changeGone),
  },
  {
    operation: 'ChangeMessageVisibility',
    input: q({ ReceiptHandle: 'expired', VisibilityTimeout: 1 }),
    ...batch('MessageNotInflight'),
    text: isInvalid('HANDLE', 'ReceiptHandle', changeGone),
  },
  {
    operation: 'DeleteMessage',
    input: { QueueUrl: 'f.fifo', ReceiptHandle: 'expired FIFO' },
    ...value,
    text: isInvalid('HANDLE', 'ReceiptHandle', 'The receipt handle has expired.'),
  },
  {
    operation: 'DeleteMessage',
    input: q({ ReceiptHandle: 'nonsense' }),
    type: 'ReceiptHandleIsInvalid',
    text: 'The input receipt handle "nonsense" is not a valid receipt handle.',
  },
  { operation: 'GetQueueUrl', input: { QueueName: 'nowhere' }, ...noQueue },
  { operation: 'ReceiveMessage', input: { QueueUrl: 'http://localhost/123456789012/nowhere' }, ...noQueue },
]

type Ask = (operation: string, input: object) => Promise<{ status: number; code: string; type: string; text: string }>

function membersOf(operation: string): Members {
  const found = sqs.operations.find(({ name }) => name === operation)
  assert.ok(found !== undefined, operation)
  return found.input
}

const json =
  (url: string): Ask =>
  async (operation, input) => {
    const { status, headers, body } = await send(url, {
      headers: {
        authorization: claim('sqs'),
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `AmazonSQS.${operation}`,
        'x-amzn-query-mode': 'true',
      },
      body: JSON.stringify(input),
    })
    const { __type = '', message = '' } = JSON.parse(body.toString() || '{}') as Record<string, string>
    const [code = '', fault] = String(headers['x-amzn-query-error'] ?? '').split(';')
    if (status !== 200) assert.is(fault, 'Sender')
    return { status, type: __type, code, text: status === 200 ? body.toString() : message }
  }

const query =
  (url: string): Ask =>
  async (operation, input) => {
    const headers = { authorization: claim('sqs'), 'content-type': 'application/x-www-form-urlencoded' }
    const body = queryForm(operation, input, membersOf(operation)).toString()
    const { status, body: answer } = await send(url, { headers, body })
    const text = answer.toString()
    const tag = (name: string) => unescaped(new RegExp(`<${name}>(.*?)</${name}>`, 's').exec(text)?.[1] ?? '')
    if (status !== 200) assert.is(tag('Type'), 'Sender')
    return { status, type: '', code: tag('Code'), text: status === 200 ? text : tag('Message') }
  }

function unescaped(xml: string): string {
  const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }
  return xml.replace(/&(?:#(\d+)|(\w+));/g, (_, number: string, name: string) =>
    number === undefined ? (named[name] ?? '?') : String.fromCodePoint(Number(number)),
  )
}

/** Handles of messages that are gone, or whose timeout is over. */
async function handles(url: string): Promise<Record<string, string>> {
  const ask = json(url)
  const receive = async (QueueUrl: string, VisibilityTimeout: number) => {
    const fifo = QueueUrl === 'f.fifo' ? { MessageGroupId: 'g', MessageDeduplicationId: '1' } : {}
    await ask('SendMessage', { QueueUrl, MessageBody: 'x', ...fifo })
    const { text } = await ask('ReceiveMessage', { QueueUrl, VisibilityTimeout })
    return (JSON.parse(text) as { Messages: { ReceiptHandle: string }[] }).Messages[0]?.ReceiptHandle as string
  }
  const deleted = await receive('q', 30)
  await ask('DeleteMessage', { QueueUrl: 'q', ReceiptHandle: deleted })
  return { deleted, expired: await receive('q', 0), 'expired FIFO': await receive('f.fifo', 0) }
}

for (const [protocol, asking] of Object.entries({ JSON: json, Query: query })) {
  test(`${protocol}: what is refused is refused with SQS's code and sentence, and stores nothing`, () =>
    withBroker(
      async ({ url, main, faults }) => {
        const ask = asking(url)
        for (const QueueName of ['q', 'purged']) assert.is((await ask('CreateQueue', { QueueName })).status, 200)
        const Attributes = { FifoQueue: 'true' }
        assert.is((await ask('CreateQueue', { QueueName: 'f.fifo', Attributes })).status, 200)
        assert.is((await ask('PurgeQueue', { QueueUrl: 'purged' })).status, 200)
        const known = await handles(url)
        const { queues } = main.broker
        const stored = () => queues.list().map(({ name, shard }) => [name, shard.next])
        const before = stored()
        for (const { operation, input, type, code = type, status = 400, text, queryText = text } of refusals) {
          const handle = known[(input as { ReceiptHandle?: string }).ReceiptHandle ?? ''] ?? ''
          const answer = await ask(operation, handle === '' ? input : { ...input, ReceiptHandle: handle })
          const wanted = (protocol === 'JSON' ? text : queryText).replace('HANDLE', handle)
          const what = `${operation} ${JSON.stringify(input).slice(0, 200)}`
          assert.equal([answer.status, answer.code, answer.text], [status, code, wanted], what)
          if (protocol === 'JSON') assert.is(answer.type.split('#').at(-1), type, what)
        }
        assert.equal(stored(), before)
        assert.equal(faults, [])
        // One purge a minute is a quota on a rate.
      },
      { limits: 'strict' },
    ))
}

test.run()
