import * as assert from 'uvu/assert'
import { AwsRaw, type AwsService, awsOperation } from '../../../broker/api/aws/operation.ts'
import { AwsError } from '../../../broker/wire/aws-error.ts'
import { MillraceError } from '../../../broker/wire/errors.ts'
import { claim } from '../../aws/harness.ts'
import { suite } from '../../suite.ts'
import { withDoor } from './door.ts'

const test = suite('aws rest')

const name = { type: 'string', required: true, max: 10 } as const

/** A service whose operations have paths. */
const sample: AwsService = {
  name: 'sample',
  targets: [],
  rest: true,
  absent: [],
  operations: [
    awsOperation({
      name: 'PutThing',
      http: { method: 'PUT', path: '/2026-01-01/things/{Name}', status: 201 },
      input: {
        Name: name,
        Limit: { type: 'integer', at: 'query', as: 'limit' },
        Dry: { type: 'boolean', at: 'header', as: 'X-Amz-Dry' },
        Tags: { type: 'list', at: 'query', of: { type: 'string' } },
        Text: { type: 'string' },
      },
      run: (_broker, input) => ({ ...input, At: new Date(1_500) }),
    }),
    awsOperation({
      name: 'FindThing',
      http: { method: 'GET', path: '/2026-01-01/things', marker: ['find', 'One'] },
      input: {},
      run: () => ({ Found: true }),
    }),
    awsOperation({
      name: 'ListThings',
      http: { method: 'GET', path: '/2026-01-01/things' },
      input: {},
      run: () => ({ Things: [] }),
    }),
    awsOperation({
      name: 'SendThing',
      http: { method: 'POST', path: '/2026-01-01/things/{Name}/payload' },
      input: { Name: name, Payload: { type: 'blob', at: 'payload' } },
      run: (_broker, { Payload }) => new AwsRaw(202, { 'x-amz-own': 'yes' }, Payload ?? new Uint8Array(0)),
    }),
    awsOperation({
      name: 'DeleteThing',
      http: { method: 'DELETE', path: '/2026-01-01/things/{Name}', status: 204 },
      input: { Name: name },
      run(_broker, { Name }) {
        if (Name === 'gone') throw new AwsError('ResourceNotFoundException', 'No such thing.', { status: 404 })
        if (Name === 'native') throw new MillraceError('stream_not_found', { stream: 'x' })
        return undefined
      },
    }),
  ],
}

const headers = { authorization: claim('sample') }

test('members come from the path, the query, the headers and the body, each converted', () =>
  withDoor(sample, async (call) => {
    const url = '/2026-01-01/things/a%2Fb%3Ac?limit=5&Tags=x&Tags=y'
    const answer = await call({
      method: 'PUT',
      url,
      headers: { ...headers, 'x-amz-dry': 'true' },
      body: '{"Text":"t","Name":"other","Limit":9,"New":1}',
    })
    assert.is(answer.status, 201)
    assert.is(answer.headers['content-type'], 'application/json')
    const expected = { Name: 'a/b:c', Limit: 5, Dry: true, Tags: ['x', 'y'], Text: 't', At: 1.5 }
    assert.equal(JSON.parse(answer.text), expected)
    const bare = await call({ method: 'PUT', url: '/2026-01-01/things/x/', headers })
    assert.equal(JSON.parse(bare.text), { Name: 'x', At: 1.5 })
  }))

test('two operations of one path are told apart by a parameter', () =>
  withDoor(sample, async (call) => {
    const get = async (url: string) => (await call({ method: 'GET', url, headers })).text
    assert.is(await get('/2026-01-01/things?find=One'), '{"Found":true}')
    assert.is(await get('/2026-01-01/things?find=All'), '{"Things":[]}')
  }))

test('a payload is the body as it is, and an answer may be as well', () =>
  withDoor(sample, async (call) => {
    const body = Buffer.from([0, 255, 1])
    const answer = await call({ url: '/2026-01-01/things/x/payload', headers, body })
    assert.is(answer.status, 202)
    assert.is(answer.headers['x-amz-own'], 'yes')
    assert.equal(answer.bytes, body)
  }))

test('errors have a type in a header, a message twice, and a status of their own', () =>
  withDoor(sample, async (call) => {
    const refused = async (url: string, method = 'DELETE', body = '') => {
      const { status, headers: got, text } = await call({ method, url, headers, body })
      return [status, got['x-amzn-errortype'], JSON.parse(text).message]
    }
    assert.equal(await refused('/2026-01-01/things/gone'), [404, 'ResourceNotFoundException', 'No such thing.'])
    const { text } = await call({ method: 'DELETE', url: '/2026-01-01/things/gone', headers })
    assert.equal(JSON.parse(text), { Type: 'User', Message: 'No such thing.', message: 'No such thing.' })
    assert.equal((await refused('/2026-01-01/things/native'))[1], 'InvalidRequestException')
    const [status, type, message] = await refused('/2026-01-01/things/0123456789x')
    assert.equal([status, type], [400, 'ValidationException'])
    assert.match(message, /^1 validation error detected: Value '0123456789x' at 'name'/)
    assert.equal((await refused('/2026-01-01/nothing')).slice(0, 2), [404, 'UnknownOperationException'])
    assert.equal((await refused('/2026-01-01/things/%zz')).slice(0, 2), [404, 'UnknownOperationException'])
    const put = (query: string, body: string) => refused(`/2026-01-01/things/x${query}`, 'PUT', body)
    assert.equal((await put('?limit=x', '')).slice(0, 2), [400, 'SerializationException'])
    assert.equal((await put('', '[1]')).slice(0, 2), [400, 'SerializationException'])
    assert.equal((await put('', '{')).slice(0, 2), [400, 'SerializationException'])
  }))

test('a path is enough to know the service, not to be let in', () =>
  withDoor(sample, async (call) => {
    const { status, headers: got } = await call({ method: 'GET', url: '/2026-01-01/things' })
    assert.equal([status, got['x-amzn-errortype']], [400, 'MissingAuthenticationTokenException'])
  }))

test.run()
