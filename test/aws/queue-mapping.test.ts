import * as sdk from '@aws-sdk/client-lambda'
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import * as assert from 'uvu/assert'
import { suite } from '../suite.ts'
import { clientOptions, functionOf, type LambdaHarness, refusal, withLambda } from './lambda-harness.ts'

const test = suite('event source mappings of queues by the AWS SDK')

const arnOf = (queue: string) => `arn:aws:sqs:us-east-1:000000000000:${queue}`

interface Harness extends LambdaHarness {
  readonly sqs: SQSClient
  queue(name: string, attributes?: Readonly<Record<string, string>>): Promise<string>
  send(url: string, bodies: readonly string[]): Promise<void>
  /** Bodies of what a queue gives out within a second. */
  received(url: string): Promise<{ body: string; attributes: Record<string, string | undefined> }[]>
}

function withQueues(body: (harness: Harness) => Promise<void>): Promise<void> {
  return withLambda(async (harness) => {
    const sqs = new SQSClient(clientOptions(harness.url))
    try {
      await body({
        ...harness,
        sqs,
        async queue(QueueName, Attributes = {}) {
          return (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl as string
        },
        async send(QueueUrl, bodies) {
          const Entries = bodies.map((MessageBody, i) => ({ Id: `${i}`, MessageBody }))
          await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }))
        },
        async received(QueueUrl) {
          const { Messages = [] } = await sqs.send(
            new ReceiveMessageCommand({
              QueueUrl,
              WaitTimeSeconds: 1,
              MaxNumberOfMessages: 10,
              MessageAttributeNames: ['All'],
            }),
          )
          return Messages.map(({ Body = '', MessageAttributes = {} }) => ({
            body: Body,
            attributes: Object.fromEntries(
              Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]),
            ),
          }))
        },
      })
    } finally {
      sqs.destroy()
    }
  })
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20))
}

/** Sends the bodies it gets to the queue whose URL is in SEEN, and names those that begin with `bad`. */
const forwarder = `export const handler = async (event) => {
  const bad = event.Records.filter(({ body }) => body.startsWith('bad'))
  for (const { body } of event.Records) if (!body.startsWith('bad')) await fetch(process.env.SEEN, {
    method: 'POST', body: JSON.stringify({ messages: [{ text: body }] }) })
  return { batchItemFailures: bad.map(({ messageId }) => ({ itemIdentifier: messageId })) }
}`

async function countsOf({ sqs }: Harness, QueueUrl: string): Promise<string[]> {
  const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))
  const { ApproximateNumberOfMessages: visible = '', ApproximateNumberOfMessagesNotVisible: hidden = '' } = Attributes
  return [visible, hidden]
}

test('messages of a queue reach the function; those it names as failed stay, the others are deleted', () =>
  withQueues(async (harness) => {
    const { lambda, url, queue, send } = harness
    const jobs = await queue('jobs')
    const seen = await queue('seen')
    await lambda.send(
      new sdk.CreateFunctionCommand({
        ...functionOf('f', forwarder),
        Environment: { Variables: { SEEN: `${url}/v1/queues/seen/messages` } },
      }),
    )
    await send(jobs, ['one', 'bad', 'two'])
    const created = await lambda.send(
      new sdk.CreateEventSourceMappingCommand({
        EventSourceArn: arnOf('jobs'),
        FunctionName: 'f',
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      }),
    )
    assert.equal(
      [created.State, created.BatchSize, created.StateTransitionReason, created.StartingPosition],
      ['Creating', 10, 'USER_INITIATED', undefined],
    )
    await until(async () => (await countsOf(harness, jobs)).join() === '0,1')
    await until(async () => (await countsOf(harness, seen)).join() === '2,0')
  }))

test('a reserved concurrency of 1: what is refused is asked again, and nothing is lost', () =>
  withQueues(async (harness) => {
    const { lambda, url, queue, send } = harness
    const jobs = await queue('jobs')
    const seen = await queue('seen')
    const Environment = { Variables: { SEEN: `${url}/v1/queues/seen/messages` } }
    await lambda.send(new sdk.CreateFunctionCommand({ ...functionOf('f', forwarder), Environment }))
    await lambda.send(new sdk.PutFunctionConcurrencyCommand({ FunctionName: 'f', ReservedConcurrentExecutions: 1 }))
    await send(
      jobs,
      Array.from({ length: 10 }, (_, i) => `${i}`),
    )
    const mapping = { EventSourceArn: arnOf('jobs'), FunctionName: 'f', BatchSize: 1 }
    await lambda.send(new sdk.CreateEventSourceMappingCommand(mapping))
    await until(async () => (await countsOf(harness, jobs)).join() === '0,0')
    assert.equal(await countsOf(harness, seen), ['10', '0'])
  }))

test('settings are kept, changed and told; what AWS refuses is refused in its words', () =>
  withQueues(async ({ lambda, queue }) => {
    await queue('jobs')
    await queue('other', { VisibilityTimeout: '2' })
    await queue('ordered.fifo', { FifoQueue: 'true' })
    await lambda.send(new sdk.CreateFunctionCommand(functionOf('f', 'export const handler = async () => null')))
    const create = (input: Partial<sdk.CreateEventSourceMappingCommandInput>) =>
      lambda.send(
        new sdk.CreateEventSourceMappingCommand({ EventSourceArn: arnOf('jobs'), FunctionName: 'f', ...input }),
      )
    assert.match(await refusal(create({ EventSourceArn: arnOf('nope') })), /NonExistentQueue/)
    assert.match(await refusal(create({ BatchSize: 11 })), /Maximum batch window in seconds must be greater than 0/)
    assert.match(await refusal(create({ StartingPosition: 'LATEST' })), /StartingPosition is not valid/)
    assert.match(await refusal(create({ BisectBatchOnFunctionError: true })), /not valid for SQS/)
    assert.match(
      await refusal(create({ EventSourceArn: arnOf('other') })),
      /Queue visibility timeout: 2 seconds is less than Function timeout: 3 seconds/,
    )
    const fifo = { EventSourceArn: arnOf('ordered.fifo') }
    assert.match(await refusal(create({ ...fifo, MaximumBatchingWindowInSeconds: 1 })), /not supported for FIFO/)
    assert.match(
      await refusal(create({ ScalingConfig: { MaximumConcurrency: 1 } })),
      /scalingConfig.maximumConcurrency/i,
    )
    const { UUID } = await create({ BatchSize: 100, MaximumBatchingWindowInSeconds: 1, Enabled: false })
    assert.match(
      await refusal(create({})),
      /ResourceConflictException: An event source mapping with SQS arn .* already exists/,
    )
    const update = { UUID, ScalingConfig: { MaximumConcurrency: 5 } }
    await lambda.send(new sdk.UpdateEventSourceMappingCommand(update))
    const got = await lambda.send(new sdk.GetEventSourceMappingCommand({ UUID }))
    assert.equal(
      [got.BatchSize, got.MaximumBatchingWindowInSeconds, got.ScalingConfig?.MaximumConcurrency, got.State],
      [100, 1, 5, 'Disabled'],
    )
    const list = await lambda.send(new sdk.ListEventSourceMappingsCommand({ EventSourceArn: arnOf('jobs') }))
    assert.equal(
      list.EventSourceMappings?.map((each) => each.UUID),
      [UUID],
    )
    await lambda.send(new sdk.DeleteEventSourceMappingCommand({ UUID }))
    assert.match(await refusal(lambda.send(new sdk.GetEventSourceMappingCommand({ UUID }))), /ResourceNotFound/)
  }))

test('queues hear how asynchronous invocations ended: as destinations, and as dead letter targets', () =>
  withQueues(async ({ lambda, queue, received }) => {
    const done = await queue('done')
    const dead = await queue('dead')
    const code = `export const handler = async (event) => { if (event.bad) throw new Error('no'); return { got: event } }`
    await lambda.send(
      new sdk.CreateFunctionCommand({ ...functionOf('f', code), DeadLetterConfig: { TargetArn: arnOf('dead') } }),
    )
    await lambda.send(
      new sdk.PutFunctionEventInvokeConfigCommand({
        FunctionName: 'f',
        MaximumRetryAttempts: 0,
        DestinationConfig: { OnSuccess: { Destination: arnOf('done') } },
      }),
    )
    const send = (event: object) =>
      lambda.send(new sdk.InvokeCommand({ FunctionName: 'f', InvocationType: 'Event', Payload: JSON.stringify(event) }))
    await send({ n: 1 })
    await send({ bad: true })
    let success = await received(done)
    while (success.length === 0) success = await received(done)
    const record = JSON.parse(success[0]?.body ?? '')
    assert.equal([record.requestContext.condition, record.responsePayload], ['Success', { got: { n: 1 } }])
    let letters = await received(dead)
    while (letters.length === 0) letters = await received(dead)
    assert.is(letters[0]?.body, '{"bad":true}')
    const { RequestID, ErrorCode, ErrorMessage } = letters[0]?.attributes ?? {}
    assert.match(RequestID ?? '', /^[0-9a-f-]{36}$/)
    assert.equal([ErrorCode, ErrorMessage], ['200', 'no'])
  }))

test.run()
