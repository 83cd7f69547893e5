import {
  CreateStreamCommand,
  KinesisClient,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
} from '@aws-sdk/client-kinesis'
import * as sdk from '@aws-sdk/client-lambda'
import * as assert from 'uvu/assert'
import { connect } from '../../client/index.ts'
import { suite } from '../suite.ts'
import { clientOptions, functionOf, type LambdaHarness, refusal, withLambda } from './lambda-harness.ts'

const test = suite('event source mappings by the AWS SDK')

const stream = 'arn:aws:kinesis:us-east-1:000000000000:stream/orders'

interface Harness extends LambdaHarness {
  readonly kinesis: KinesisClient
  put(texts: readonly string[]): Promise<void>
  /** What a stream holds, as text. */
  contents(name: string): Promise<string[]>
}

/** Runs `body` with the streams `orders` and `failed`, and a function `f` of `code`. */
function withStream(code: string, body: (harness: Harness) => Promise<void>): Promise<void> {
  return withLambda(async (harness) => {
    const kinesis = new KinesisClient(clientOptions(harness.url))
    const client = await connect(harness.url)
    try {
      for (const StreamName of ['orders', 'failed', 'seen']) {
        await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }))
      }
      const environment = { Variables: { BROKER: harness.url } }
      await harness.lambda.send(new sdk.CreateFunctionCommand({ ...functionOf('f', code), Environment: environment }))
      await body({
        ...harness,
        kinesis,
        async put(texts) {
          const Records = texts.map((text) => ({ Data: Buffer.from(text), PartitionKey: 'k' }))
          await kinesis.send(new PutRecordsCommand({ StreamName: 'orders', Records }))
        },
        async contents(name) {
          const { records } = await client.stream(name).read({ shard: 0, limit: 1_000 })
          return records.map((record) => record.text())
        },
      })
    } finally {
      await client.close()
      kinesis.destroy()
    }
  })
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20))
}

/** Handles records by putting them to the stream `seen`; what is `bad` fails, or is named in the answer. */
const handler = (onBad: string) => `export const handler = async (event) => {
  const records = event.Records.map(({ kinesis }) => ({ ...kinesis, text: Buffer.from(kinesis.data, 'base64').toString() }))
  const bad = records.filter(({ text }) => text.startsWith('bad'))
  ${onBad}
  const good = bad.length === 0 ? records : records.slice(0, records.indexOf(bad[0]))
  if (good.length > 0) await fetch(process.env.BROKER + '/v1/streams/seen/records', {
    method: 'POST', body: JSON.stringify({ records: good.map(({ text }) => ({ key: 'k', text })) }) })
  return { batchItemFailures: bad.map(({ sequenceNumber }) => ({ itemIdentifier: sequenceNumber })) }
}`

const numbers = (count: number) => Array.from({ length: count }, (_, i) => `${i}`)

test('a failing record is halved out, given up and told of; all others are handled, in order', () =>
  withStream(handler("if (bad.length > 0) throw new Error('bad')"), async ({ lambda, put, contents }) => {
    const created = await lambda.send(
      new sdk.CreateEventSourceMappingCommand({
        EventSourceArn: stream,
        FunctionName: 'f',
        StartingPosition: 'LATEST',
        BisectBatchOnFunctionError: true,
        MaximumRetryAttempts: 1,
        DestinationConfig: { OnFailure: { Destination: stream.replace('orders', 'failed') } },
      }),
    )
    assert.equal(
      [created.State, created.BatchSize, created.LastProcessingResult],
      ['Creating', 100, 'No records processed'],
    )
    const texts = [...numbers(10), 'bad', ...numbers(10)]
    await put(texts)
    await until(async () => (await contents('seen')).length === 20)
    assert.equal(
      await contents('seen'),
      texts.filter((text) => text !== 'bad'),
    )
    const letters = (await contents('failed')).map((text) => JSON.parse(text))
    assert.is(letters.length, 1)
    assert.equal(
      [letters[0].requestContext.condition, letters[0].requestContext.approximateInvokeCount],
      ['RetryAttemptsExhausted', 2],
    )
    assert.equal([letters[0].KinesisBatchInfo.batchSize, letters[0].KinesisBatchInfo.streamArn], [1, stream])
    const get = () => lambda.send(new sdk.GetEventSourceMappingCommand({ UUID: created.UUID }))
    // The handler writes what it has seen before it answers.
    await until(async () => (await get()).LastProcessingResult === 'OK')
    assert.is((await get()).State, 'Enabled')
  }))

test('partial failures: what comes before the failed record is not seen again', () =>
  withStream(handler(''), async ({ lambda, put, contents }) => {
    await put([...numbers(5), 'bad', 'last'])
    await lambda.send(
      new sdk.CreateEventSourceMappingCommand({
        EventSourceArn: stream,
        FunctionName: 'f',
        StartingPosition: 'TRIM_HORIZON',
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        BisectBatchOnFunctionError: true,
        MaximumRetryAttempts: 0,
      }),
    )
    await until(async () => (await contents('seen')).includes('last'))
    assert.equal(await contents('seen'), [...numbers(5), 'last'])
  }))

test('the ARN of a registered consumer is a source too, and is what events name', () =>
  withStream(
    `export const handler = async (event) => {
      const [{ eventSourceARN, eventID }] = event.Records
      await fetch(process.env.BROKER + '/v1/streams/seen/records', {
        method: 'POST', body: JSON.stringify({ records: [{ key: 'k', json: { eventSourceARN, eventID } }] }) })
    }`,
    async ({ lambda, kinesis, put, contents }) => {
      const { Consumer } = await kinesis.send(
        new RegisterStreamConsumerCommand({ StreamARN: stream, ConsumerName: 'c' }),
      )
      const EventSourceArn = Consumer?.ConsumerARN
      await lambda.send(
        new sdk.CreateEventSourceMappingCommand({ EventSourceArn, FunctionName: 'f', StartingPosition: 'LATEST' }),
      )
      await put(['x'])
      await until(async () => (await contents('seen')).length === 1)
      const { eventSourceARN, eventID } = JSON.parse((await contents('seen'))[0] ?? '')
      assert.is(eventSourceARN, EventSourceArn)
      assert.match(eventID, /^shardId-000000000000:\d{56}$/)
      const missing = `${stream}/consumer/none:1`
      assert.match(
        await refusal(
          lambda.send(
            new sdk.CreateEventSourceMappingCommand({
              EventSourceArn: missing,
              FunctionName: 'f',
              StartingPosition: 'LATEST',
            }),
          ),
        ),
        /^InvalidParameterValueException: Stream not found/,
      )
    },
  ))

test('mappings are listed, changed, disabled and deleted, and twice the same is refused', () =>
  withStream(handler(''), async ({ lambda }) => {
    const wanted = { EventSourceArn: stream, FunctionName: 'f', StartingPosition: 'LATEST' as const }
    const Filters = [{ Pattern: '{"data":{"a":[1]}}' }]
    const { UUID } = await lambda.send(
      new sdk.CreateEventSourceMappingCommand({
        ...wanted,
        FilterCriteria: { Filters },
        MaximumRecordAgeInSeconds: 60,
      }),
    )
    const create = (more: object) =>
      refusal(lambda.send(new sdk.CreateEventSourceMappingCommand({ ...wanted, ...more })))
    assert.is(
      await create({}),
      `ResourceConflictException: The event source arn (" ${stream} ") and function (" arn:aws:lambda:us-east-1:000000000000:function:f ") provided mapping already exists. Please update or delete the existing mapping with UUID ${UUID}`,
    )
    assert.match(
      await create({ StartingPosition: undefined }),
      /Value null at 'startingPosition' failed to satisfy constraint/,
    )
    assert.match(await create({ EventSourceArn: `${stream}x` }), /Stream not found/)
    assert.match(
      await create({ EventSourceArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/x' }),
      /Unrecognized event source/,
    )
    assert.match(await create({ FunctionName: 'none' }), /^ResourceNotFoundException/)
    const otherwise = { FunctionName: 'f:$LATEST', FilterCriteria: { Filters: [{ Pattern: '{"data":1}' }] } }
    assert.match(await create(otherwise), /Invalid filter pattern definition/)
    const updated = await lambda.send(
      new sdk.UpdateEventSourceMappingCommand({ UUID, BatchSize: 5, Enabled: false, ParallelizationFactor: 2 }),
    )
    assert.equal([updated.BatchSize, updated.State, updated.MaximumRecordAgeInSeconds], [5, 'Updating', 60])
    const { EventSourceMappings } = await lambda.send(new sdk.ListEventSourceMappingsCommand({ FunctionName: 'f' }))
    assert.equal(
      EventSourceMappings?.map((each) => [each.State, each.ParallelizationFactor, each.FilterCriteria]),
      [['Disabled', 2, { Filters }]],
    )
    await lambda.send(new sdk.DeleteEventSourceMappingCommand({ UUID }))
    assert.match(
      await refusal(lambda.send(new sdk.GetEventSourceMappingCommand({ UUID }))),
      /^ResourceNotFoundException: The resource you requested does not exist/,
    )
  }))

test.run()
