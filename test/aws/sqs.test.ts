import { connect } from 'node:net'
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  SQSServiceException,
} from '@aws-sdk/client-sqs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type AwsBroker, claim, send, sendHttp2, withBroker } from './harness.ts'

const test = suite('SQS')

/** Runs `body` with a broker and an SDK client of it. */
function withSqs(body: (sqs: SQSClient, broker: AwsBroker) => Promise<void>): () => Promise<void> {
  return () =>
    withBroker(async (broker) => {
      const credentials = { accessKeyId: '123456789012', secretAccessKey: 'x' }
      const sqs = new SQSClient({ endpoint: broker.url, region: 'us-east-1', credentials, maxAttempts: 1 })
      try {
        await body(sqs, broker)
        assert.equal(broker.faults, [])
      } finally {
        sqs.destroy()
      }
    })
}

async function create(sqs: SQSClient, name: string, attributes: Record<string, string> = {}): Promise<string> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }))
  return QueueUrl as string
}

async function errorOf(work: Promise<unknown>): Promise<SQSServiceException> {
  const error = await work.then(
    () => undefined,
    (each: unknown) => each,
  )
  if (error instanceof SQSServiceException) return error
  throw new Error(`an SQS error was expected and not ${String(error)}`)
}

/** A call as an old client makes it. */
async function query(url: string, parameters: Record<string, string>, path = '/') {
  const form = new URLSearchParams({ Version: '2012-11-05', ...parameters })
  const headers = { authorization: claim('sqs'), 'content-type': 'application/x-www-form-urlencoded' }
  const { status, body, headers: answered } = await send(url, { path, headers, body: form.toString() })
  return { status, text: body.toString(), headers: answered }
}

test(
  'a message goes through the SDK, which checks its digests',
  withSqs(async (sqs) => {
    const QueueUrl = await create(sqs, 'q')
    const MessageAttributes = { kind: { DataType: 'String', StringValue: 'order' } }
    const sent = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello', MessageAttributes }))
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] }),
    )
    const [message] = Messages ?? []
    assert.is(message?.MessageId, sent.MessageId)
    assert.equal(message?.MessageAttributes, MessageAttributes)
    assert.is(message?.MD5OfMessageAttributes, sent.MD5OfMessageAttributes)
    assert.is(message?.Attributes?.ApproximateReceiveCount, '1')
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }))
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))
    assert.is(Attributes?.ApproximateNumberOfMessages, '0')
    assert.is((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages, undefined)
  }),
)

test(
  'errors have the names of shapes, and the codes of Query beside them',
  withSqs(async (sqs, { url }) => {
    const QueueUrl = `${url}/123456789012/nowhere`
    const error = await errorOf(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' })))
    assert.is(error.name, 'QueueDoesNotExist')
    assert.is((error as unknown as { Code: string }).Code, 'AWS.SimpleQueueService.NonExistentQueue')
    const raw = await send(url, {
      headers: {
        authorization: claim('sqs'),
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'AmazonSQS.GetQueueUrl',
        'x-amzn-query-mode': 'true',
      },
      body: JSON.stringify({ QueueName: 'nowhere' }),
    })
    assert.is(raw.status, 400)
    assert.is(raw.headers['x-amzn-query-error'], 'AWS.SimpleQueueService.NonExistentQueue;Sender')
    const old = await query(url, { Action: 'GetQueueUrl', QueueName: 'nowhere' })
    assert.is(old.status, 400)
    assert.match(old.text, '<Code>AWS.SimpleQueueService.NonExistentQueue</Code>')
    assert.match(old.text, 'does not exist for this wsdl version.')
    const taken = await create(sqs, 'q')
    const handle = { QueueUrl: taken, ReceiptHandle: 'x', VisibilityTimeout: 1 }
    assert.is((await errorOf(sqs.send(new ChangeMessageVisibilityCommand(handle)))).name, 'ReceiptHandleIsInvalid')
  }),
)

test(
  'a queue is found by its URL, by the path a request is sent to, and by its bare name, over HTTP/2 too',
  withSqs(async (sqs, { url }) => {
    await create(sqs, 'q')
    const path = '/123456789012/q'
    assert.is((await query(url, { Action: 'SendMessage', MessageBody: '1' }, path)).status, 200)
    assert.is((await query(url, { Action: 'SendMessage', MessageBody: '2', QueueUrl: 'q' })).status, 200)
    const QueueUrl = 'https://sqs.us-east-1.amazonaws.com/999999999999/q'
    assert.is((await query(url, { Action: 'SendMessage', MessageBody: '3', QueueUrl })).status, 200)
    const get = await send(url, { method: 'GET', path: `${path}?Action=SendMessage&MessageBody=4&${presigned}` })
    assert.is(get.status, 200, get.body.toString())
    const over2 = await sendHttp2(url, {
      path,
      headers: { authorization: claim('sqs'), 'content-type': 'application/x-www-form-urlencoded' },
      body: 'Action=GetQueueAttributes&Version=2012-11-05&AttributeName.1=ApproximateNumberOfMessages',
    })
    assert.match(over2.body.toString(), '<Value>4</Value>')
    assert.match(
      over2.body.toString(),
      '<GetQueueAttributesResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/">',
    )
  }),
)

const presigned =
  'Version=2012-11-05&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test%2F20260101%2Fus-east-1%2Fsqs%2Faws4_request'

test(
  'a long poll ends with its connection, and the message goes to somebody who is there',
  withSqs(async (sqs, { url }) => {
    const QueueUrl = await create(sqs, 'q')
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    const body = JSON.stringify({ QueueUrl, WaitTimeSeconds: 20 })
    const head = [
      'POST / HTTP/1.1',
      `host: ${hostname}:${port}`,
      `authorization: ${claim('sqs')}`,
      'content-type: application/x-amz-json-1.0',
      'x-amz-target: AmazonSQS.ReceiveMessage',
      `content-length: ${body.length}`,
    ]
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
    const waiting = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }))
    const gone = new Promise((resolve) => socket.on('close', resolve))
    // The poll of the socket is under way once another call, sent later, was answered.
    await sqs.send(new ListQueuesCommand({}))
    socket.destroy()
    await gone
    await sqs.send(new ListQueuesCommand({}))
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'for who is there' }))
    assert.is((await waiting).Messages?.[0]?.Body, 'for who is there')
  }),
)

test(
  'a long poll ends when its queue is deleted',
  withSqs(async (sqs) => {
    const QueueUrl = await create(sqs, 'q')
    const waiting = errorOf(sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 })))
    await sqs.send(new ListQueuesCommand({}))
    await sqs.send(new DeleteQueueCommand({ QueueUrl }))
    assert.is((await waiting).name, 'QueueDoesNotExist')
  }),
)

test(
  'a FIFO batch keeps its order though one entry fails, and says of each what became of it',
  withSqs(async (sqs) => {
    const QueueUrl = await create(sqs, 'f.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true' })
    const Entries = ['1', '2', '3', '4'].map((text) => ({ Id: text, MessageBody: text, MessageGroupId: 'g' }))
    const [, second] = Entries
    if (second !== undefined) second.MessageGroupId = ''
    const { Successful, Failed } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }))
    assert.equal(
      Successful?.map(({ Id }) => Id),
      ['1', '3', '4'],
    )
    assert.equal([Failed?.[0]?.Id, Failed?.[0]?.Code, Failed?.[0]?.SenderFault], ['2', 'InvalidParameterValue', true])
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
    assert.equal(
      Messages?.map(({ Body }) => Body),
      ['1', '3', '4'],
    )
  }),
)

test(
  'hostile requests are refused in both protocols, and store nothing',
  withSqs(async (sqs, { url }) => {
    const QueueUrl = await create(sqs, 'q')
    const attributes: Record<string, string> = {}
    for (let i = 1; i <= 10_001; i++) attributes[`MessageAttribute.${i}.Name`] = `a${i}`
    const wide = await query(url, { Action: 'SendMessage', QueueUrl, MessageBody: 'x', ...attributes })
    assert.is(wide.status, 404)
    assert.match(wide.text, '<Code>MalformedQueryString</Code>')
    const bomb = '<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><b>&b;</b>'
    const xml = await send(url, { headers: { authorization: claim('sqs'), 'content-type': 'text/xml' }, body: bomb })
    assert.ok(xml.status >= 400 && xml.status < 500, `${xml.status}`)
    for (const [body, code] of [
      [{ MessageBody: '\u0000' }, 'InvalidMessageContents'],
      [{ MessageBody: '\ud800' }, 'InvalidMessageContents'],
      [{ MessageBody: '\ufffe' }, 'InvalidMessageContents'],
      [{ MessageBody: 'x', MessageAttributes: { 'AWS.x': string('1') } }, 'InvalidParameterValue'],
      [{ MessageBody: 'x', MessageAttributes: { '.x': string('1') } }, 'InvalidParameterValue'],
      [{ MessageBody: 'x', MessageAttributes: { x: string('') } }, 'InvalidParameterValue'],
      [
        { MessageBody: 'x', MessageAttributes: { x: { DataType: 'Number', StringValue: '1a' } } },
        'InvalidParameterValue',
      ],
      [
        { MessageBody: 'x', MessageAttributes: { x: { DataType: 'Other', StringValue: '1' } } },
        'InvalidParameterValue',
      ],
      [{ MessageBody: 'x', MessageDeduplicationId: 'd' }, 'InvalidParameterValue'],
      [{ MessageBody: 'x', MessageGroupId: 'a b' }, 'InvalidParameterValue'],
      [{ MessageBody: 'x', DelaySeconds: 901 }, 'InvalidParameterValue'],
      [{ MessageBody: 17 }, 'SerializationException'],
      [{ MessageBody: null }, 'MissingParameter'],
    ] as const) {
      const answer = await json(url, 'SendMessage', { QueueUrl, ...body })
      assert.is(answer.status, 400, JSON.stringify(body))
      assert.is(answer.headers['x-amzn-query-error'], `${code};Sender`, answer.text)
    }
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }))
    assert.is(Messages, undefined)
  }),
)

const string = (StringValue: string) => ({ DataType: 'String', StringValue })

async function json(url: string, operation: string, input: object) {
  const { status, headers, body } = await send(url, {
    headers: {
      authorization: claim('sqs'),
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AmazonSQS.${operation}`,
    },
    body: JSON.stringify(input),
  })
  return { status, headers, text: body.toString() }
}

test(
  'permissions of the dead-letter queue decide who may name it',
  withSqs(async (sqs) => {
    const policy = (sources: string[]) =>
      JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns: sources.map(arn) })
    const arn = (name: string) => `arn:aws:sqs:us-east-1:123456789012:${name}`
    await create(sqs, 'dead', { RedriveAllowPolicy: policy(['friend']) })
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn('dead'), maxReceiveCount: 3 })
    await create(sqs, 'friend', { RedrivePolicy })
    assert.match((await errorOf(create(sqs, 'stranger', { RedrivePolicy }))).name, 'InvalidParameterValue')
    const QueueUrl = await create(sqs, 'friend', { RedrivePolicy })
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['RedrivePolicy'] }),
    )
    assert.is(Attributes?.RedrivePolicy, RedrivePolicy)
  }),
)

test.run()
