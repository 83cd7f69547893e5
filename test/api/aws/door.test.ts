import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type AwsService, awsOperation } from '../../../broker/api/aws/operation.ts'
import { decodeAwsCbor, encodeAwsCbor } from '../../../broker/wire/aws-cbor.ts'
import { AwsError } from '../../../broker/wire/aws-error.ts'
import { MillraceError } from '../../../broker/wire/errors.ts'
import { claim } from '../../aws/harness.ts'
import { type Sent, withDoor } from './door.ts'

const test = suite('aws door')

/** A service that speaks every protocol. */
const sample: AwsService = {
  name: 'sample',
  targets: ['Sample_2026'],
  json: '1.0',
  cbor: true,
  query: { version: '2026-01-01', namespace: 'http://sample/' },
  absent: [],
  operations: [
    awsOperation({
      name: 'Echo',
      input: { Text: { type: 'string', required: true }, When: { type: 'timestamp' }, Data: { type: 'blob' } },
      run: (_broker, input, { account, region, origin }) => ({
        Text: input.Text,
        When: input.When === undefined ? undefined : new Date(input.When),
        Account: account,
        Region: region,
        Origin: origin,
      }),
    }),
    awsOperation({ name: 'Nothing', input: {}, run: () => undefined }),
    awsOperation({
      name: 'Fail',
      input: { How: { type: 'string' } },
      run(_broker, { How }) {
        if (How === 'native') throw new MillraceError('stream_not_found', { stream: 'x' })
        if (How === 'bug') throw new TypeError('x is not a function')
        throw new AwsError('QueueDoesNotExist', 'No such queue.', {
          queryCode: 'AWS.NonExistent',
          members: { Queue: 'q' },
        })
      },
    }),
    awsOperation({ name: 'Confirm', input: {}, anonymous: true, run: () => ({ Done: true }) }),
  ],
  translate: (error) =>
    error.code === 'stream_not_found' ? new AwsError('ResourceNotFoundException', 'Gone.') : undefined,
}

const json = (operation: string, key?: string) => ({
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-target': `Sample_2026.${operation}`,
  authorization: claim('sample', { ...(key === undefined ? {} : { key }), region: 'eu-west-3' }),
})

test('JSON: the answer has the type of the question, ids, and the time by the broker', () =>
  withDoor(sample, async (call) => {
    const { status, headers, text } = await call({
      headers: json('Echo', '123456789012'),
      body: '{"Text":"ä","When":1.5,"X":1}',
    })
    assert.is(status, 200)
    assert.equal(JSON.parse(text), {
      Text: 'ä',
      When: 1.5,
      Account: '123456789012',
      Region: 'eu-west-3',
      Origin: 'http://localhost:4566',
    })
    assert.is(headers['content-type'], 'application/x-amz-json-1.0')
    assert.match(headers['x-amzn-requestid'] ?? '', /^[0-9a-f-]{36}$/)
    assert.is(headers['date'], 'Thu, 01 Jan 2026 00:00:00 GMT')
    assert.is((await call({ headers: json('Nothing'), body: '{}' })).bytes.length, 0)
  }))

test('an access key that is not 12 digits is account 000000000000', () =>
  withDoor(sample, async (call) => {
    assert.match((await call({ headers: json('Echo', 'AKIA'), body: '{"Text":""}' })).text, /"Account":"000000000000"/)
  }))

test('CBOR: in and out, errors too', () =>
  withDoor(sample, async (call) => {
    const headers = (name: string) => ({ ...json(name), 'content-type': 'application/x-amz-cbor-1.1' })
    const answer = await call({ headers: headers('Echo'), body: encodeAwsCbor({ Text: 'x', When: new Date(1_500) }) })
    assert.is(answer.headers['content-type'], 'application/x-amz-cbor-1.1')
    assert.equal((decodeAwsCbor(answer.bytes) as { When: Date }).When, new Date(1_500))
    const refused = await call({ headers: headers('Echo'), body: encodeAwsCbor({}) })
    assert.is(refused.status, 400)
    assert.is((decodeAwsCbor(refused.bytes) as { __type: string }).__type, 'ValidationException')
    assert.is((await call({ headers: headers('Echo'), body: 'x' })).status, 400)
  }))

test('Query: a form or an address, XML out, found by its version without any scope', () =>
  withDoor(sample, async (call) => {
    const headers = {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      authorization: claim('sample'),
    }
    const answer = await call({ headers, body: 'Action=Echo&Version=2026-01-01&Text=%3Ca%3E' })
    assert.is(answer.headers['content-type'], 'text/xml')
    assert.match(answer.text, /<EchoResponse xmlns="http:\/\/sample\/"><EchoResult><Text>&lt;a&gt;<\/Text>/)
    const confirmed = await call({ method: 'GET', url: '/?Action=Confirm&Version=2026-01-01' })
    assert.match(confirmed.text, /<Done>true<\/Done>/)
    const unknown = await call({ headers, body: 'Action=Nope&Version=2026-01-01' })
    assert.is(unknown.status, 400)
    assert.match(unknown.text, /<Code>InvalidAction<\/Code>/)
  }))

test('an error is carried as its protocol does it: body and headers, or XML', () =>
  withDoor(sample, async (call) => {
    const refused = await call({ headers: json('Fail'), body: '{}' })
    assert.equal(JSON.parse(refused.text), { __type: 'QueueDoesNotExist', message: 'No such queue.', Queue: 'q' })
    assert.is(refused.headers['x-amzn-errortype'], 'QueueDoesNotExist')
    assert.is(refused.headers['x-amzn-query-error'], 'AWS.NonExistent;Sender')
    const headers = { 'content-type': 'application/x-www-form-urlencoded', authorization: claim('sample') }
    const xml = await call({ headers, body: 'Action=Fail&Version=2026-01-01' })
    assert.match(xml.text, /<Type>Sender<\/Type><Code>AWS.NonExistent<\/Code>/)
  }))

test("Millrace's own errors are worded by the service, and a bug is an InternalFailure that is reported", () =>
  withDoor(sample, async (call, faults) => {
    const native = await call({ headers: json('Fail'), body: '{"How":"native"}' })
    assert.equal(JSON.parse(native.text), { __type: 'ResourceNotFoundException', message: 'Gone.' })
    assert.is(faults.length, 0)
    const bug = await call({ headers: json('Fail'), body: '{"How":"bug"}' })
    assert.is(bug.status, 500)
    assert.is(JSON.parse(bug.text).__type, 'InternalFailure')
    assert.instance(faults[0], TypeError)
  }))

test('requests that name nothing, or nobody, get the answers AWS gives', () =>
  withDoor(sample, async (call) => {
    const type = async (sent: Sent) => {
      const { status, text } = await call(sent)
      return `${status} ${JSON.parse(text).__type}`
    }
    assert.is(await type({ headers: json('Nope'), body: '{}' }), '400 UnknownOperationException')
    assert.is(
      await type({ headers: { ...json('Echo'), 'x-amz-target': 'Other.Echo' }, body: '{}' }),
      '400 UnknownOperationException',
    )
    assert.is(await type({ headers: json('Echo'), body: '{' }), '400 SerializationException')
    assert.is(await type({ headers: json('Echo'), body: '' }), '400 SerializationException')
    assert.is(await type({ headers: json('Echo'), body: '[]' }), '400 SerializationException')
    const { authorization: _, ...unsigned } = json('Echo')
    assert.is(await type({ headers: unsigned, body: '{}' }), '400 MissingAuthenticationTokenException')
    assert.is(
      await type({ headers: json('Echo'), url: '/?X-Amz-Algorithm=x', body: '{}' }),
      '400 InvalidSignatureException',
    )
    const get = await call({ method: 'GET', headers: json('Echo') })
    assert.is(get.status, 403)
    assert.match(get.text, /^<AccessDeniedException>\n {2}<Message>Unable to determine service\/operation name/)
  }))

test.run()
