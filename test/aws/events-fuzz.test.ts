import { randomInt } from 'node:crypto'
import * as assert from 'uvu/assert'
import { events } from '../../broker/api/events/service.ts'
import type { Broker } from '../../broker/broker.ts'
import { MillraceError } from '../../broker/wire/errors.ts'
import { suite } from '../suite.ts'
import { busArn, functionArn, queueArn, streamArn } from './events-harness.ts'
import { fuzzedBroker } from './fuzzed-broker.ts'
import { claim } from './harness.ts'
import { Chance, damaged, type Ingredients, MadeUp, odd } from './made-up.ts'

const test = suite('EventBridge, hostile requests')
const requests = 6_000
const seed = Number(process.env['FUZZ_SEED'] ?? randomInt(2 ** 31))

const rule = 'arn:aws:events:us-east-1:000000000000:rule/r'
const archive = 'arn:aws:events:us-east-1:000000000000:archive/a'
const connection = 'arn:aws:events:us-east-1:000000000000:connection/c/x'
const deep = `${'{"a":'.repeat(2_000)}["x"]${'}'.repeat(2_000)}`
const or = JSON.stringify({
  $or: Array.from({ length: 40 }, (_, i) => ({ [`f${i}`]: [i], $or: [{ a: [1] }, { b: [2] }] })),
})
const patterns = [
  '{"source":["s"]}',
  '{"detail":{"a":[{"wildcard":"*a*b*c*"}]}}',
  '{"a":[]}',
  '{',
  deep.slice(0, 4_000),
  or,
]
const templates = ['"<a>"', '{"x": <aws.events.event.json>}', '<', '<b>', `"${'<a>'.repeat(2_000)}"`]
const paths = ['$', '$.detail.a', "$.detail['", '$..', '$.a[*].b[0]', 'x']
const entry = { Source: 's', DetailType: 't', Detail: '{"a":"abc"}' }
const target = { Id: 't', Arn: queueArn('q') }

const ingredients: Ingredients = {
  needed: ['Name', 'Rule', 'Entries', 'Targets', 'EventPattern', 'ArchiveName', 'ReplayName', 'EventSourceArn'],
  meaningful: ['default', 'b', 'r', rule, archive, queueArn('q'), busArn('b'), '$.detail', '3'],
  fitting: {
    Name: ['b', 'r', 'c', 'd', 'default', 'x/y'],
    Rule: ['r', 'r', 'none'],
    EventBusName: ['default', 'b', busArn('b'), 'none'],
    EventPattern: patterns,
    Event: [JSON.stringify({ ...entry, id: '1' }), '{', '[]', deep],
    ScheduleExpression: ['rate(1 minute)', 'rate(1 minutes)', 'cron(0 0 31 2 ? *)', 'cron(* * * * * *)', 'at(2199)'],
    State: ['ENABLED', 'DISABLED', 'X'],
    Entries: [
      [entry],
      [{ ...entry, EventBusName: 'b' }, { Source: 's' }],
      [{ ...entry, Detail: deep }],
      [
        { ...entry, Detail: '[' },
        { ...entry, Time: 1e12 },
      ],
      Array.from({ length: 11 }, () => entry),
    ],
    Targets: [
      [target],
      [{ ...target, Arn: streamArn('s'), KinesisParameters: { PartitionKeyPath: '$.detail.a' } }],
      [{ ...target, Arn: functionArn('f'), DeadLetterConfig: { Arn: queueArn('q') } }],
      [
        { ...target, Arn: busArn('b') },
        { Id: 'u', Arn: 'arn:aws:logs:us-east-1:000000000000:log-group:x' },
      ],
      [{ ...target, Arn: 'http://127.0.0.1:1/*', HttpParameters: { PathParameterValues: ['$.detail.a'] } }],
      ...templates.map((InputTemplate) => [
        { ...target, InputTransformer: { InputPathsMap: { a: '$.detail.a' }, InputTemplate } },
      ]),
      ...paths.map((InputPath) => [{ ...target, InputPath }]),
      [{ ...target, Input: '{' }],
    ],
    Ids: [['t'], ['t', 'u'], ['none']],
    TargetArn: [queueArn('q')],
    ResourceARN: [rule, busArn('b'), archive, 'arn:x'],
    ArchiveName: ['a', 'a2'],
    ReplayName: ['x', 'y', 'z'],
    EventSourceArn: [archive, busArn('default'), busArn('b')],
    EventStartTime: [0, 1, -1e15, 8.64e12],
    EventEndTime: [4e9, 0, 8.64e12],
    Destination: [{ Arn: busArn('default') }, { Arn: busArn('default'), FilterArns: [rule] }, { Arn: busArn('b') }],
    RetentionDays: [0, 1, 2_147_483_647],
    ConnectionArn: [connection, 'arn:aws:events:us-east-1:000000000000:connection/none/x'],
    AuthorizationType: ['BASIC', 'API_KEY', 'OAUTH_CLIENT_CREDENTIALS'],
    AuthParameters: [
      { BasicAuthParameters: { Username: 'u', Password: 'p' } },
      { ApiKeyAuthParameters: { ApiKeyName: 'k', ApiKeyValue: 'v' } },
      {
        OAuthParameters: {
          ClientParameters: { ClientID: 'i', ClientSecret: 's' },
          AuthorizationEndpoint: 'http://127.0.0.1:1/t',
          HttpMethod: 'POST',
        },
      },
    ],
    InvocationEndpoint: ['http://127.0.0.1:1/x', 'https://*.example', 'x', 'ftp://a'],
    HttpMethod: ['POST', 'GET'],
    InvocationRateLimitPerSecond: [1, 300],
    Policy: ['{"Statement":[{"Sid":"1"}]}', '{', 'null', '[]'],
    StatementId: ['s', '1'],
    Principal: ['*', '111122223333'],
    Action: ['events:PutEvents'],
  },
}

async function ensure(broker: Broker): Promise<void> {
  const owner = { region: 'us-east-1', account: '000000000000' }
  if (broker.buses.find('b') === undefined) await broker.buses.create('b', { carried: {}, tags: {} }, owner)
  await broker.queues.create('q', {}, () => undefined)
  if (broker.streams.find('s') === undefined) await broker.streams.create('s')
  await broker.buses.rules.put('default', 'r', { enabled: true, pattern: '{"source":["s"]}' }, owner)
}

test(`${requests} requests made up and damaged, seed ${seed}: each is answered, and none as a fault`, async () => {
  // A rule that cannot deliver is told aloud: that is no fault of the broker.
  const isFault = (error: unknown) => !(error instanceof MillraceError) || error.code !== 'delivery_failed'
  const { broker, door, faults, rejections, stopWatching } = await fuzzedBroker({}, isFault)
  const chance = new Chance(seed)
  const madeUp = new MadeUp(chance, ingredients)
  const codes = new Map<string, number>()
  const answerTo = (name: string, body: Uint8Array) => {
    const { signal } = new AbortController()
    const type = 'application/x-amz-json-1.1'
    const headers = { 'content-type': type, 'x-amz-target': `AWSEvents.${name}`, authorization: claim('events') }
    const request = { method: 'POST', url: '/', headers, authority: 'localhost', secure: false, signal }
    return door.answer({ ...request, body: async () => body })
  }
  for (let i = 0; i < requests; i++) {
    if (i % 20 === 0) await ensure(broker)
    const operation = chance.one(events.operations)
    const input = madeUp.input(operation.input)
    const name = chance.is(0.02) ? chance.one(odd) : operation.name
    const encoded = Buffer.from(JSON.stringify(input))
    const answer = await answerTo(name, chance.is(0.15) ? damaged(encoded, chance) : encoded)
    const code = `${answer.status} ${answer.headers['x-amzn-errortype'] ?? ''}`
    codes.set(code, (codes.get(code) ?? 0) + 1)
    const what = `${operation.name}: ${code}: ${JSON.stringify(input).slice(0, 500)}`
    assert.ok([200, 400, 403, 404].includes(answer.status), what)
    const said = answer.status === 200 ? Buffer.from(answer.body as Uint8Array).toString('latin1') : ''
    if (said !== '')
      JSON.parse(said, (name, value) => assert.not.equal(value, null, `${what}: ${name} is null`) ?? value)
    const given = /"(?:NextToken|RuleArn|ConnectionArn|ApiDestinationArn)":"([^"]+)"/.exec(said)?.[1]
    if (given !== undefined) madeUp.note(given)
  }
  await broker.close()
  stopWatching()
  if (process.env['FUZZ_SEED'] !== undefined) console.log(JSON.stringify([...codes]))
  assert.equal(rejections, [])
  assert.equal(faults, [])
  assert.ok((codes.get('200 ') ?? 0) > requests / 10, `enough of them succeed: ${JSON.stringify([...codes])}`)
})

test.run()
