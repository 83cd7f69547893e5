import { randomInt } from 'node:crypto'
import * as assert from 'uvu/assert'
import { sns } from '../../broker/api/sns/service.ts'
import type { Broker } from '../../broker/broker.ts'
import { suite } from '../suite.ts'
import { fuzzedBroker } from './fuzzed-broker.ts'
import { claim } from './harness.ts'
import { Chance, damaged, type Ingredients, MadeUp, odd } from './made-up.ts'
import { queryForm } from './query-form.ts'

const test = suite('SNS, hostile requests')
const requests = 6_000
const seed = Number(process.env['FUZZ_SEED'] ?? randomInt(2 ** 31))

const arnOf = (name: string) => `arn:aws:sns:us-east-1:000000000000:${name}`
const queue = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`
const topics = ['a', 'b', 'f.fifo']
const text = { DataType: 'String', StringValue: 'v' }
const deep = `${'{"a":'.repeat(3_000)}["x"]${'}'.repeat(3_000)}`

const ingredients: Ingredients = {
  needed: ['TopicArn', 'Name', 'Message', 'MessageGroupId', 'Protocol', 'Endpoint', 'AttributeValue'],
  meaningful: [...topics, ...topics.map(arnOf), queue('q'), 'All', 'String', '3'],
  fitting: {
    TopicArn: [...topics.map(arnOf), arnOf('nowhere'), 'a', 'arn:aws:sqs:::::'],
    TargetArn: topics.map(arnOf),
    ResourceArn: topics.map(arnOf),
    Name: [...topics, 'c', 'a b'],
    Protocol: ['sqs', 'sqs', 'lambda', 'http', 'email', 'pigeon'],
    Endpoint: [
      queue('q'),
      queue('q.fifo'),
      'http://127.0.0.1:1/x',
      'arn:aws:lambda:us-east-1:000000000000:function:f',
      'a@b',
    ],
    Attributes: [
      { RawMessageDelivery: 'true' },
      { FilterPolicy: '{"a":["v"]}' },
      { FilterPolicy: deep, FilterPolicyScope: 'MessageBody' },
      { FilterPolicy: '{"a":[{"numeric":[">",1]}]', RedrivePolicy: '{' },
      { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queue('dead') }) },
      { DeliveryPolicy: '{"healthyRetryPolicy":{"numRetries":5,"backoffFunction":"geometric"}}' },
      { FifoTopic: 'true', ContentBasedDeduplication: 'true' },
      { DisplayName: 'é' },
    ],
    AttributeName: [
      'FilterPolicy',
      'RawMessageDelivery',
      'DisplayName',
      'DeliveryPolicy',
      'ArchivePolicy',
      'SignatureVersion',
    ],
    AttributeValue: ['true', '{}', '{"a":["b"]}', '2', '', deep],
    Message: ['x', '{"default":"d","sqs":"s"}', 'é😀', '{"a":"v"}', 'x'.repeat(2_000)],
    MessageStructure: ['json', 'xml'],
    Subject: ['s', 'a\nb'],
    MessageGroupId: ['g', 'h'],
    MessageDeduplicationId: ['1', '2', '3'],
    MessageAttributes: [
      {},
      { a: text },
      { a: { DataType: 'Number', StringValue: '1' } },
      { b: { DataType: 'Binary', BinaryValue: 'aGk=' } },
    ],
  },
}

async function ensure(broker: Broker): Promise<void> {
  const owner = { region: 'us-east-1', account: '000000000000' }
  for (const name of topics) await broker.topics.create(name, { fifo: name.endsWith('.fifo') }, owner, () => undefined)
  for (const name of ['q', 'dead']) await broker.queues.create(name, {}, () => undefined)
  await broker.queues.create('q.fifo', { fifo: true }, () => undefined)
}

test(`${requests} requests made up and damaged, seed ${seed}: each is answered, and none as a fault`, async () => {
  const { broker, door, faults, rejections, stopWatching } = await fuzzedBroker()
  const chance = new Chance(seed)
  const madeUp = new MadeUp(chance, ingredients)
  const codes = new Map<string, number>()
  const answerTo = (body: Uint8Array) => {
    const { signal } = new AbortController()
    const type = 'application/x-www-form-urlencoded'
    const headers = { 'content-type': type, authorization: claim('sns') }
    const request = { method: 'POST', url: '/', headers, authority: 'localhost', secure: false, signal }
    return door.answer({ ...request, body: async () => body })
  }
  for (let i = 0; i < requests; i++) {
    if (i % 20 === 0) await ensure(broker)
    const operation = chance.one(sns.operations)
    const input = madeUp.input(operation.input)
    const name = chance.is(0.02) ? chance.one(odd) : operation.name
    const form = queryForm(name, input, operation.input)
    form.set('Version', '2010-03-31')
    const encoded = Buffer.from(form.toString())
    const answer = await answerTo(chance.is(0.15) ? damaged(encoded, chance) : encoded)
    const code = `${answer.status} ${answer.headers['x-amzn-errortype'] ?? ''}`
    codes.set(code, (codes.get(code) ?? 0) + 1)
    assert.ok(
      [200, 400, 403, 404].includes(answer.status),
      `${operation.name}: ${code}: ${JSON.stringify(input).slice(0, 500)}`,
    )
    const said = answer.status === 200 ? Buffer.from(answer.body as Uint8Array).toString('latin1') : ''
    const given = /<(?:SubscriptionArn|NextToken|TopicArn)>([^<]+)</.exec(said)?.[1]
    if (given !== undefined) madeUp.note(given)
  }
  stopWatching()
  if (process.env['FUZZ_SEED'] !== undefined) console.log(JSON.stringify([...codes]))
  assert.equal(rejections, [])
  assert.equal(faults, [])
  assert.ok((codes.get('200 ') ?? 0) > requests / 10, `enough of them succeed: ${JSON.stringify([...codes])}`)
  await broker.close()
})

test.run()
