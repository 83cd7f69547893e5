import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as sdk from '@aws-sdk/client-lambda'
import * as assert from 'uvu/assert'
import { ManualClock } from '../../broker/clock.ts'
import type { Main } from '../../broker/main.ts'
import { connect } from '../../client/index.ts'
import { suite } from '../suite.ts'
import { functionOf, refusal, withLambda } from './lambda-harness.ts'

const test = suite('asynchronous invocations by the AWS SDK')

const arn = (stream: string) => `arn:aws:kinesis:us-east-1:000000000000:stream/${stream}`

async function contents(main: Main, stream: string): Promise<string[]> {
  const { records } = await main.broker.streams.get(stream).read(0, 'horizon', { recordsMax: 100, bytesMax: 1_000_000 })
  return records.map(({ data }) => Buffer.from(data).toString())
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5))
}

const send = (lambda: sdk.LambdaClient, Payload: string) =>
  lambda.send(new sdk.InvokeCommand({ FunctionName: 'f', InvocationType: 'Event', Payload }))

test('an event is taken at once, handled, and its destination hears of it', () =>
  withLambda(async ({ lambda, main }) => {
    await main.broker.streams.create('done')
    await lambda.send(
      new sdk.CreateFunctionCommand(functionOf('f', 'export const handler = async (e) => ({ got: e })')),
    )
    const Destination = arn('done')
    await lambda.send(
      new sdk.PutFunctionEventInvokeConfigCommand({
        FunctionName: 'f',
        DestinationConfig: { OnSuccess: { Destination } },
      }),
    )
    const { StatusCode } = await send(lambda, '{"a":1}')
    assert.is(StatusCode, 202)
    await until(async () => (await contents(main, 'done')).length === 1)
    const record = JSON.parse((await contents(main, 'done'))[0] ?? '')
    assert.equal(record.requestPayload, { a: 1 })
    assert.equal(record.responsePayload, { got: { a: 1 } })
    assert.equal([record.requestContext.condition, record.requestContext.approximateInvokeCount], ['Success', 1])
    assert.match(await refusal(send(lambda, `"${'x'.repeat(1024 * 1024)}"`)), /^RequestTooLargeException/)
    assert.match(
      await refusal(lambda.send(new sdk.InvokeCommand({ FunctionName: 'none', InvocationType: 'Event' }))),
      /NotFound/,
    )
  }))

test('one that fails is tried again after 1 and after 2 minutes, and then its failure is told', () => {
  const clock = new ManualClock()
  return withLambda(
    async ({ lambda, main }) => {
      await main.broker.streams.create('failed')
      let tries = 0
      await main.handle('f', () => {
        tries++
        throw new Error('no')
      })
      const Destination = arn('failed')
      await lambda.send(
        new sdk.PutFunctionEventInvokeConfigCommand({
          FunctionName: 'f',
          DestinationConfig: { OnFailure: { Destination } },
        }),
      )
      await send(lambda, '7')
      const settle = () => new Promise((resolve) => setTimeout(resolve, 50))
      for (const [millis, expected] of [
        [0, 1],
        [59_000, 1],
        [1_000, 2],
        [119_000, 2],
        [1_000, 3],
      ] as const) {
        await clock.advance(millis)
        await until(() => tries >= expected)
        await settle()
        assert.is(tries, expected)
      }
      const record = JSON.parse((await contents(main, 'failed'))[0] ?? '')
      assert.equal(
        [record.requestContext.condition, record.requestContext.approximateInvokeCount],
        ['RetriesExhausted', 3],
      )
      assert.is(record.responseContext.functionError, 'Unhandled')
      assert.is(record.responsePayload.errorMessage, 'no')
    },
    { clock },
  )
})

test('a topic and a bus hear how it ended, as AWS has them hear it', () =>
  withLambda(async ({ lambda, main, url }) => {
    const client = await connect(url)
    try {
      for (const name of ['heard', 'told']) await client.queue(name).create()
      await client.topic('done').create()
      const body = { target: { queue: 'heard' }, raw: true }
      await client.endpoint.call({ method: 'PUT', path: '/v1/topics/done/subscriptions/heard', body })
      await client.bus('results').create()
      await client
        .bus('results')
        .putRule('all', { pattern: { source: ['lambda'] }, targets: [{ target: { queue: 'told' } }] })
      await main.handle('f', (event) => {
        if (event === 'fail') throw new Error('asked to')
        return { got: event }
      })
      const OnSuccess = { Destination: 'arn:aws:sns:us-east-1:000000000000:done' }
      const OnFailure = { Destination: 'arn:aws:events:us-east-1:000000000000:event-bus/results' }
      const DestinationConfig = { OnSuccess, OnFailure }
      const config = { FunctionName: 'f', MaximumRetryAttempts: 0 }
      await lambda.send(new sdk.PutFunctionEventInvokeConfigCommand({ ...config, DestinationConfig }))
      await send(lambda, '1')
      await send(lambda, '"fail"')
      const first = async (queue: string) => {
        const { messages } = await client.queue(queue).peek({ limit: 1 })
        return messages[0] && JSON.parse(Buffer.from(messages[0].data).toString())
      }
      await until(async () => (await first('heard')) !== undefined && (await first('told')) !== undefined)
      assert.equal((await first('heard')).responsePayload, { got: 1 })
      const event = await first('told')
      assert.equal([event.source, event['detail-type']], ['lambda', 'Lambda Function Invocation Result - Failure'])
      assert.is(event.resources[0], OnFailure.Destination)
      assert.match(event.resources[1], /:function:f:\$LATEST$/)
      assert.equal([event.detail.requestPayload, event.detail.requestContext.condition], ['fail', 'RetriesExhausted'])
    } finally {
      await client.close()
    }
  }))

test('with a reserved concurrency of 0 the failure is told at once, to the dead letter target as the event itself', () =>
  withLambda(async ({ lambda, main }) => {
    await main.broker.streams.create('dead')
    const DeadLetterConfig = { TargetArn: arn('dead') }
    await lambda.send(new sdk.CreateFunctionCommand({ ...functionOf('f', ''), DeadLetterConfig }))
    await lambda.send(new sdk.PutFunctionConcurrencyCommand({ FunctionName: 'f', ReservedConcurrentExecutions: 0 }))
    await send(lambda, '{"a":1}')
    await until(async () => (await contents(main, 'dead')).length === 1)
    assert.equal(await contents(main, 'dead'), ['{"a":1}'])
  }))

test('what was taken is handled after a restart', async () => {
  const data = await mkdtemp(join(tmpdir(), 'millrace-test-'))
  const clock = new ManualClock()
  try {
    await withLambda(
      async ({ lambda, main }) => {
        await main.handle('f', () => {
          throw new Error('not now')
        })
        await send(lambda, '"kept"')
        await clock.advance(0)
        await new Promise((resolve) => setTimeout(resolve, 50))
      },
      { memory: false, data, clock },
    )
    const seen: unknown[] = []
    await withLambda(
      async ({ main }) => {
        await main.handle('f', (event) => void seen.push(event))
        await clock.advance(10 * 60_000)
        await until(() => seen.length > 0)
      },
      { memory: false, data, clock },
    )
    assert.equal(seen, ['kept'])
  } finally {
    await rm(data, { recursive: true, force: true })
  }
})

test('its settings are told, changed and forgotten', () =>
  withLambda(async ({ lambda }) => {
    await lambda.send(new sdk.CreateFunctionCommand(functionOf('f', '')))
    const get = () => lambda.send(new sdk.GetFunctionEventInvokeConfigCommand({ FunctionName: 'f' }))
    assert.match(await refusal(get()), /^ResourceNotFoundException: .* doesn't have an EventInvokeConfig/)
    await lambda.send(new sdk.PutFunctionEventInvokeConfigCommand({ FunctionName: 'f', MaximumRetryAttempts: 1 }))
    await lambda.send(
      new sdk.UpdateFunctionEventInvokeConfigCommand({ FunctionName: 'f', MaximumEventAgeInSeconds: 60 }),
    )
    const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = await get()
    assert.equal([MaximumRetryAttempts, MaximumEventAgeInSeconds], [1, 60])
    const { FunctionEventInvokeConfigs } = await lambda.send(
      new sdk.ListFunctionEventInvokeConfigsCommand({ FunctionName: 'f' }),
    )
    assert.is(FunctionEventInvokeConfigs?.length, 1)
    await lambda.send(new sdk.DeleteFunctionEventInvokeConfigCommand({ FunctionName: 'f' }))
    assert.match(await refusal(get()), /^ResourceNotFoundException/)
  }))

test.run()
