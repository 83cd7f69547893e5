import * as sdk from '@aws-sdk/client-lambda'
import * as assert from 'uvu/assert'
import { suite } from '../suite.ts'
import { functionOf, type LambdaHarness, refusal, withLambda } from './lambda-harness.ts'

const test = suite('InvokeWithResponseStream by the AWS SDK')

/** Streams as many pieces as the event says; fails after them if it is to. */
const streams = `export const handler = awslambda.streamifyResponse(async (event, stream) => {
  for (let i = 0; i < event.pieces; i++) {
    stream.write('piece ' + i + ' ')
    await new Promise((done) => setTimeout(done, 10))
  }
  if (event.fail) throw new Error('in the middle')
  stream.end()
})`

interface Streamed {
  readonly pieces: readonly string[]
  readonly end: sdk.InvokeWithResponseStreamCompleteEvent | undefined
  readonly version: string | undefined
}

async function invoke(
  { lambda }: LambdaHarness,
  FunctionName: string,
  event: object,
  options: Pick<sdk.InvokeWithResponseStreamRequest, 'LogType' | 'InvocationType'> = {},
): Promise<Streamed> {
  const Payload = Buffer.from(JSON.stringify(event))
  const answer = await lambda.send(new sdk.InvokeWithResponseStreamCommand({ FunctionName, Payload, ...options }))
  const pieces: string[] = []
  let end: Streamed['end']
  for await (const { PayloadChunk, InvokeComplete } of answer.EventStream ?? []) {
    if (PayloadChunk?.Payload !== undefined) pieces.push(Buffer.from(PayloadChunk.Payload).toString())
    end = InvokeComplete ?? end
  }
  return { pieces, end, version: answer.ExecutedVersion }
}

test('pieces come as the function writes them, and the end says that all is well', () =>
  withLambda(async (harness) => {
    await harness.lambda.send(new sdk.CreateFunctionCommand({ ...functionOf('streams', streams) }))
    const { pieces, end, version } = await invoke(harness, 'streams', { pieces: 3 }, { LogType: 'Tail' })
    assert.is(pieces.join(''), 'piece 0 piece 1 piece 2 ')
    assert.ok(pieces.length > 1, 'in pieces')
    assert.is(version, '$LATEST')
    assert.is(end?.ErrorCode, undefined)
    assert.match(Buffer.from(end?.LogResult ?? '', 'base64').toString(), /REPORT RequestId/)
  }))

test('what fails is told at the end, behind the pieces that came', () =>
  withLambda(async (harness) => {
    await harness.lambda.send(new sdk.CreateFunctionCommand({ ...functionOf('streams', streams) }))
    const { pieces, end } = await invoke(harness, 'streams', { pieces: 2, fail: true })
    assert.is(pieces.join(''), 'piece 0 piece 1 ')
    assert.is(end?.ErrorCode, 'Unhandled')
    assert.match(JSON.parse(end?.ErrorDetails ?? '{}').errorMessage, /in the middle/)
  }))

test('a function that does not stream answers with one piece, or with its error', () =>
  withLambda(async (harness) => {
    const code = `export const handler = async (event) => {
      if (event.fail) throw new TypeError('no')
      return { got: event.value }
    }`
    await harness.lambda.send(new sdk.CreateFunctionCommand({ ...functionOf('plain', code) }))
    assert.equal((await invoke(harness, 'plain', { value: 7 })).pieces, ['{"got":7}'])
    const { pieces, end } = await invoke(harness, 'plain', { fail: true })
    assert.equal([pieces, end?.ErrorCode], [[], 'Unhandled'])
    assert.is(JSON.parse(end?.ErrorDetails ?? '{}').errorType, 'TypeError')
  }))

test('Invoke gives a streamed answer as a whole', () =>
  withLambda(async ({ lambda }) => {
    await lambda.send(new sdk.CreateFunctionCommand({ ...functionOf('streams', streams) }))
    const Payload = Buffer.from('{"pieces": 2}')
    const answer = await lambda.send(new sdk.InvokeCommand({ FunctionName: 'streams', Payload }))
    assert.is(Buffer.from(answer.Payload ?? []).toString(), 'piece 0 piece 1 ')
  }))

test('what is refused is refused before anything is streamed', () =>
  withLambda(async (harness) => {
    const { lambda } = harness
    assert.match(await refusal(invoke(harness, 'none', {})), /ResourceNotFoundException/)
    await lambda.send(new sdk.CreateFunctionCommand({ ...functionOf('streams', streams) }))
    await lambda.send(
      new sdk.PutFunctionConcurrencyCommand({ FunctionName: 'streams', ReservedConcurrentExecutions: 0 }),
    )
    assert.match(await refusal(invoke(harness, 'streams', {})), /TooManyRequestsException/)
    const dry = await invoke(harness, 'streams', {}, { InvocationType: 'DryRun' })
    assert.equal(dry.pieces, [])
  }))

test.run()
