import { randomInt } from 'node:crypto'
import * as assert from 'uvu/assert'
import { sqs } from '../../broker/api/sqs/service.ts'
import type { Broker } from '../../broker/broker.ts'
import { suite } from '../suite.ts'
import { fuzzedBroker } from './fuzzed-broker.ts'
import { claim } from './harness.ts'
import { Chance, damaged, type Ingredients, MadeUp, odd } from './made-up.ts'
import { queryForm } from './query-form.ts'

const test = suite('SQS, hostile requests')
const requests = 10_000
const seed = Number(process.env['FUZZ_SEED'] ?? randomInt(2 ** 31))

const arn = 'arn:aws:sqs:us-east-1:000000000000:'
const names = ['a', 'b', 'f.fifo', 'dead']
const attributes = [
  { VisibilityTimeout: '5' },
  { DelaySeconds: '1', MessageRetentionPeriod: '60' },
  { VisibilityTimeout: '43201' },
  { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: `${arn}dead`, maxReceiveCount: 1 }) },
  { RedrivePolicy: '{"deadLetterTargetArn":[[' },
  { RedriveAllowPolicy: '{"redrivePermission":"allowAll"}' },
  { FifoQueue: 'true', ContentBasedDeduplication: 'true' },
  { Policy: '{' },
]
const entry = (id: string) => ({ Id: id, MessageBody: `body ${id}`, MessageGroupId: 'g', MessageDeduplicationId: id })

const ingredients: Ingredients = {
  needed: ['QueueUrl', 'QueueName', 'MessageBody', 'MessageGroupId', 'ReceiptHandle', 'SourceArn', 'Id', 'Entries'],
  meaningful: [...names, `${arn}a`, `${arn}dead`, 'http://localhost/000000000000/a', 'All', 'String', '3'],
  fitting: {
    QueueUrl: [...names, 'http://localhost/000000000000/a', 'nowhere'],
    QueueName: names,
    SourceArn: [`${arn}dead`, `${arn}a`],
    DestinationArn: [`${arn}b`],
    Attributes: attributes,
    AttributeNames: [['All'], ['QueueArn', 'Policy']],
    MessageAttributeNames: [['All'], ['a.*']],
    MessageSystemAttributeNames: [['All']],
    MessageBody: ['x', 'é😀', 'x'.repeat(2_000)],
    MessageGroupId: ['g', 'h'],
    MessageDeduplicationId: ['1', '2', '3'],
    MessageAttributes: [
      {},
      { a: { DataType: 'String', StringValue: 'v' } },
      { b: { DataType: 'Binary', BinaryValue: 'aGk=' } },
    ],
    MessageSystemAttributes: [{ AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1' } }],
    MaxNumberOfMessages: [1, 10, 11],
    WaitTimeSeconds: [0],
    VisibilityTimeout: [0, 5, 43_200],
    DelaySeconds: [0, 5, 900, 901],
    MaxResults: [1, 5],
    MaxNumberOfMessagesPerSecond: [1, 500],
  },
}

/** What is not answered within some turns is a long poll. */
async function waitOut(broker: Broker, answering: Promise<unknown>): Promise<void> {
  let answered = false
  const done = () => {
    answered = true
  }
  answering.then(done, done)
  for (let turns = 20; turns > 0 && !answered; turns--) await new Promise((resolve) => setImmediate(resolve))
  if (!answered) await broker.advance(20_000)
}

async function ensure(broker: Broker, name: string): Promise<void> {
  await broker.queues.create(name, { fifo: name.endsWith('.fifo') }, () => undefined)
}

test(`${requests} requests made up and damaged, seed ${seed}: each is answered, none as a fault, and what is refused stores nothing`, async () => {
  const { broker, door, faults, rejections, stopWatching } = await fuzzedBroker()
  const chance = new Chance(seed)
  const madeUp = new MadeUp(chance, ingredients)
  const codes = new Map<string, number>()
  const call = (headers: Record<string, string>, body: Uint8Array) => {
    const signal = new AbortController().signal
    const all = { ...headers, authorization: claim('sqs') }
    const request = { method: 'POST', url: '/', headers: all, authority: 'localhost', secure: false, signal }
    return door.answer({ ...request, body: async () => body })
  }
  const stored = () => broker.queues.list().reduce((sum, { shard }) => sum + shard.next, 0)
  for (let i = 0; i < requests; i++) {
    // Some are deleted again and again.
    if (i % 20 === 0) for (const name of names) await ensure(broker, name)
    const operation = chance.one(sqs.operations)
    const input = madeUp.input(operation.input)
    if ('Entries' in operation.input && operation.name === 'SendMessageBatch' && chance.is(0.5)) {
      input['Entries'] = Array.from({ length: chance.one([1, 3, 10, 11]) }, (_, id) => entry(`${id}`))
    }
    const query = chance.is(0.4)
    const name = chance.is(0.02) ? chance.one(odd) : operation.name
    const encoded = Buffer.from(query ? queryForm(name, input, operation.input).toString() : JSON.stringify(input))
    const broken = chance.is(0.15)
    const headers = query
      ? { 'content-type': 'application/x-www-form-urlencoded' }
      : { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${name}` }
    const before = stored()
    const moving = broker.queues.list().some(({ tasks }) => tasks.list().some(({ status }) => status === 'running'))
    const answering = call(headers, broken ? damaged(encoded, chance) : encoded)
    if (operation.name === 'ReceiveMessage') await waitOut(broker, answering)
    const answer = await answering
    const code = `${answer.status} ${answer.headers['x-amzn-errortype'] ?? ''}`
    codes.set(code, (codes.get(code) ?? 0) + 1)
    const what = `${operation.name}: ${code}: ${JSON.stringify(input).slice(0, 500)}`
    assert.ok([200, 400, 403, 404].includes(answer.status), what)
    if (answer.status !== 200 && !moving) assert.is(stored(), before, what)
    if (!query && answer.status !== 200) assert.match(answer.headers['x-amzn-query-error'] ?? '', /^[\w.]+;Sender$/)
    const said = answer.status === 200 ? Buffer.from(answer.body as Uint8Array).toString('latin1') : ''
    const given = /"(?:ReceiptHandle|NextToken|TaskHandle)":"([^"]+)"/.exec(said)?.[1]
    if (given !== undefined) madeUp.note(given)
    if (chance.is(0.02)) await broker.advance(chance.below(40_000))
  }
  stopWatching()
  if (process.env['FUZZ_SEED'] !== undefined) console.log(JSON.stringify([...codes]))
  assert.equal(rejections, [])
  assert.equal(faults, [])
  assert.ok((codes.get('200 ') ?? 0) > requests / 10, `enough of them succeed: ${JSON.stringify([...codes])}`)
  await broker.close()
})

test.run()
