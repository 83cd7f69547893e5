import * as sdk from '@aws-sdk/client-lambda'
import * as assert from 'uvu/assert'
import { suite } from '../suite.ts'
import { claim, type RawAnswer, type RawRequest, send, sendHttp2, sign } from './harness.ts'
import { functionOf, type LambdaHarness, refusal, withLambda } from './lambda-harness.ts'

const test = suite('function URLs')

/** Answers with the event it got, or with what the event's body says that it is to answer. */
const echo = `export const handler = async (event) => {
  if (event.rawPath === '/answer') return JSON.parse(event.body)
  if (event.rawPath === '/fail') throw new Error('no')
  return event
}`

const streams = `export const handler = awslambda.streamifyResponse(async (event, stream) => {
  if (event.rawPath !== '/plain') {
    const head = { statusCode: 201, headers: { 'x-kind': 'streamed' }, cookies: ['a=1', 'b=2'] }
    stream = awslambda.HttpResponseStream.from(stream, head)
  }
  stream.write('one ')
  await new Promise((done) => setTimeout(done, 20))
  if (event.rawPath === '/fail') throw new Error('in the middle')
  stream.end('two')
})`

interface UrlHarness extends LambdaHarness {
  /** The path under which the function is called. */
  readonly base: string
  readonly id: string
  call(path: string, request?: RawRequest): Promise<RawAnswer>
  /** What the function is to answer, and what comes of it. */
  answer(value: unknown): Promise<RawAnswer>
}

function withUrl(
  code: string,
  config: Omit<sdk.CreateFunctionUrlConfigRequest, 'FunctionName'>,
  body: (harness: UrlHarness) => Promise<void>,
  options: Parameters<typeof withLambda>[1] = {},
): Promise<void> {
  return withLambda(async (harness) => {
    const { lambda, url } = harness
    await lambda.send(new sdk.CreateFunctionCommand({ ...functionOf('f', code) }))
    const made = await lambda.send(new sdk.CreateFunctionUrlConfigCommand({ FunctionName: 'f', ...config }))
    const base = new URL(made.FunctionUrl as string).pathname.replace(/\/$/, '')
    const call = (path: string, request: RawRequest = {}) =>
      send(url, { method: 'GET', ...request, path: `${base}${path}` })
    const answer = (value: unknown) => call('/answer', { method: 'POST', body: JSON.stringify(value) })
    await body({ ...harness, base, id: base.split('/').at(-1) as string, call, answer })
  }, options)
}

const open = { AuthType: 'NONE' } as const
const jsonOf = ({ body }: RawAnswer) => JSON.parse(body.toString())

test('an address is made, told, changed, listed and taken away; of an alias too', () =>
  withUrl(echo, open, async ({ lambda, url, id, call }) => {
    const got = await lambda.send(new sdk.GetFunctionUrlConfigCommand({ FunctionName: 'f' }))
    assert.is(got.FunctionUrl, `${url}/lambda-url/${id}/`)
    assert.equal([got.AuthType, got.InvokeMode, got.Cors], ['NONE', 'BUFFERED', undefined])
    const again = new sdk.CreateFunctionUrlConfigCommand({ FunctionName: 'f', AuthType: 'NONE' })
    assert.match(await refusal(lambda.send(again)), /ResourceConflictException: .*FunctionUrlConfig exists/)
    const Cors = { AllowOrigins: ['https://example.com'], MaxAge: 60 }
    const changed = await lambda.send(new sdk.UpdateFunctionUrlConfigCommand({ FunctionName: 'f', Cors }))
    assert.equal([changed.FunctionUrl, changed.Cors, changed.AuthType], [got.FunctionUrl, Cors, 'NONE'])
    await lambda.send(new sdk.PublishVersionCommand({ FunctionName: 'f' }))
    await lambda.send(new sdk.CreateAliasCommand({ FunctionName: 'f', Name: 'live', FunctionVersion: '1' }))
    const Qualifier = 'live'
    await lambda.send(new sdk.CreateFunctionUrlConfigCommand({ FunctionName: 'f', AuthType: 'AWS_IAM', Qualifier }))
    const { FunctionUrlConfigs: all = [] } = await lambda.send(
      new sdk.ListFunctionUrlConfigsCommand({ FunctionName: 'f' }),
    )
    assert.equal(
      all.map(({ FunctionArn }) => FunctionArn?.split(':function:')[1]),
      ['f', 'f:live'],
    )
    await lambda.send(new sdk.DeleteFunctionUrlConfigCommand({ FunctionName: 'f' }))
    const gone = refusal(lambda.send(new sdk.GetFunctionUrlConfigCommand({ FunctionName: 'f' })))
    assert.match(await gone, /ResourceNotFoundException/)
    assert.is((await call('/')).status, 404)
  }))

test('a request becomes an event of format 2.0', () =>
  withUrl(echo, open, async ({ id, call }) => {
    const headers = { 'X-Two': 'a', cookie: 'one=1; two=2', 'user-agent': 'test', 'x-forwarded-for': '10.0.0.1' }
    const event = jsonOf(await call('/a%20b/c?x=1&x=2&y=%26&z', { headers }))
    assert.is(event.version, '2.0')
    assert.equal([event.rawPath, event.rawQueryString], ['/a%20b/c', 'x=1&x=2&y=%26&z'])
    assert.equal(event.queryStringParameters, { x: '1,2', y: '&', z: '' })
    assert.equal(event.cookies, ['one=1', 'two=2'])
    assert.is(event.headers['x-two'], 'a')
    assert.is(event.headers['x-forwarded-for'], '10.0.0.1, 127.0.0.1')
    assert.match(event.headers['x-amzn-trace-id'], /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/)
    const { http, timeEpoch, time, apiId, accountId } = event.requestContext
    assert.equal([apiId, accountId, typeof timeEpoch], [id, 'anonymous', 'number'])
    assert.match(time, /^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/)
    const { protocol, ...rest } = http
    assert.is(protocol, 'HTTP/1.1')
    assert.equal(rest, { method: 'GET', path: '/a%20b/c', sourceIp: '127.0.0.1', userAgent: 'test' })
    assert.equal([event.isBase64Encoded, 'body' in event], [false, false])
  }))

test('bodies: text as it is, all else in base64', () =>
  withUrl(echo, open, async ({ call }) => {
    const bytes = Buffer.from([0, 255, 1, 254])
    const post = async (type: string, body: string | Uint8Array) => {
      const event = jsonOf(await call('/', { method: 'POST', headers: { 'content-type': type }, body }))
      return [event.body, event.isBase64Encoded]
    }
    assert.equal(await post('application/json; charset=utf-8', '{"é":1}'), ['{"é":1}', false])
    assert.equal(await post('application/octet-stream', bytes), [bytes.toString('base64'), true])
    assert.equal(await post('text/plain', bytes), [bytes.toString('base64'), true], 'no UTF-8')
    const form = Buffer.from('a=1')
    assert.equal(await post('application/x-www-form-urlencoded', form), [form.toString('base64'), true])
  }))

test('an answer is an object with a status, or any value at all', () =>
  withUrl(echo, open, async ({ answer, call }) => {
    const headers = { 'X-Kind': 'whole', 'Content-Length': '99', Connection: 'close' }
    const whole = await answer({ statusCode: 418, headers, body: 'tea', cookies: ['a=1', 'b=2'] })
    assert.equal([whole.status, whole.body.toString(), whole.headers['x-kind']], [418, 'tea', 'whole'])
    assert.equal([whole.headers['set-cookie'], whole.headers['content-length']], [['a=1', 'b=2'], '3'])
    const bytes = Buffer.from([1, 2, 255])
    const encoded = await answer({ statusCode: 200, body: bytes.toString('base64'), isBase64Encoded: true })
    assert.equal(encoded.body, bytes)
    const value = await answer({ some: 'value' })
    assert.equal([value.status, value.headers['content-type']], [200, 'application/json'])
    assert.equal(jsonOf(value), { some: 'value' })
    assert.is((await answer('text')).body.toString(), '"text"')
    assert.is((await call('/fail')).status, 502)
    assert.is((await call('/fail')).body.toString(), 'Internal Server Error')
    for (const wrong of [{ statusCode: 'x' }, { statusCode: 99 }, { statusCode: 200, headers: { 'a b': 'c' } }]) {
      assert.is((await answer(wrong)).status, 502, JSON.stringify(wrong))
    }
  }))

test('the same by its name, and over HTTP/2', () =>
  withUrl(echo, open, async ({ url, base, id }) => {
    const host = `${id}.lambda-url.us-east-1.localhost:${new URL(url).port}`
    const byName = jsonOf(await send(url, { method: 'GET', path: '/v1/streams?a=b', headers: { host } }))
    assert.equal([byName.rawPath, byName.requestContext.domainName], ['/v1/streams', host])
    const event = jsonOf(await sendHttp2(url, { method: 'PUT', path: `${base}/two`, body: 'x' }))
    assert.equal([event.rawPath, event.requestContext.http.protocol, event.body], ['/two', 'HTTP/2.0', 'x'])
    assert.not.ok(Object.keys(event.headers).some((name) => name.startsWith(':')))
  }))

test('answers that have no body by their nature have none, over either version of HTTP', () =>
  withUrl(echo, open, async ({ url, base, call }) => {
    const body = JSON.stringify({ statusCode: 204, body: 'lost' })
    for (const send of [
      call,
      (path: string, request: RawRequest) => sendHttp2(url, { ...request, path: base + path }),
    ]) {
      const empty = await send('/answer', { method: 'POST', body })
      assert.equal([empty.status, empty.body.length, empty.headers['content-length']], [204, 0, undefined])
      const head = await send('/', { method: 'HEAD' })
      assert.equal([head.status, head.body.length], [200, 0])
      assert.ok(Number(head.headers['content-length']) > 100)
    }
  }))

test('what is too large or too much is refused in HTTP, and what is nobody is not found', () =>
  withUrl(echo, open, async ({ lambda, url, call }) => {
    const body = Buffer.alloc(6 * 1024 * 1024 + 1)
    assert.is((await call('/', { method: 'POST', body })).status, 413)
    const none = { FunctionName: 'f', ReservedConcurrentExecutions: 0 }
    await lambda.send(new sdk.PutFunctionConcurrencyCommand(none))
    assert.is((await call('/')).status, 429)
    assert.is((await send(url, { method: 'GET', path: `/lambda-url/${'0'.repeat(32)}/` })).status, 404)
  }))

test('CORS: browsers are answered by the settings, not by the function', () =>
  withUrl(
    echo,
    {
      AuthType: 'NONE',
      Cors: {
        AllowOrigins: ['https://a.example'],
        AllowMethods: ['POST'],
        AllowHeaders: ['x-one'],
        AllowCredentials: true,
        ExposeHeaders: ['x-two'],
        MaxAge: 300,
      },
    },
    async ({ lambda, call }) => {
      const preflight = (origin: string) =>
        call('/', { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } })
      const { status, headers } = await preflight('https://a.example')
      assert.is(status, 200)
      assert.is(headers['access-control-allow-origin'], 'https://a.example')
      assert.is(headers['access-control-allow-methods'], 'POST')
      assert.is(headers['access-control-allow-headers'], 'x-one')
      assert.is(headers['access-control-allow-credentials'], 'true')
      assert.is(headers['access-control-max-age'], '300')
      assert.is((await preflight('https://b.example')).headers['access-control-allow-origin'], undefined)
      const own = { statusCode: 200, headers: { 'Access-Control-Allow-Origin': '*' } }
      const request = { method: 'POST', body: JSON.stringify(own), headers: { origin: 'https://a.example' } }
      const called = await call('/answer', request)
      assert.is(called.headers['access-control-allow-origin'], 'https://a.example')
      assert.is(called.headers['access-control-expose-headers'], 'x-two')
      const Cors = { AllowOrigins: ['*'] }
      await lambda.send(new sdk.UpdateFunctionUrlConfigCommand({ FunctionName: 'f', Cors }))
      assert.is((await preflight('https://b.example')).headers['access-control-allow-origin'], '*')
    },
  ))

test('AWS_IAM: who calls has to sign', () =>
  withUrl(echo, { AuthType: 'AWS_IAM' }, async ({ call }) => {
    assert.is((await call('/')).status, 403)
    const signed = await call('/', { headers: { authorization: claim('lambda', { key: '123456789012' }) } })
    assert.is(signed.status, 200, 'any signature will do where no credentials are configured')
    assert.is(jsonOf(signed).requestContext.authorizer.iam.accountId, '123456789012')
  }))

test('AWS_IAM: with credentials configured, signatures are verified', () =>
  withLambda(
    async ({ main, url }) => {
      const { functions, clock } = main.broker
      await main.handle('f', () => ({ ok: true }))
      const id = '0123456789abcdef0123456789abcdef'
      const made = { id, authType: 'AWS_IAM', invokeMode: 'BUFFERED', createdAt: 0, modifiedAt: 0 } as const
      await functions.change('f', (record) => ({ ...record, urls: { $LATEST: made } }))
      const authority = `${id}.lambda-url.us-east-1.localhost:${new URL(url).port}`
      const time = new Date(clock.now()).toISOString().replace(/[-:]|\.\d+/g, '')
      const call = (secret: string) => {
        const by = { key: 'KEY', secret, service: 'lambda', authority, time }
        return send(url, { path: '/', body: 'x', headers: { ...sign('x', by, {}), host: authority } })
      }
      assert.is((await call('secret')).body.toString(), '{"ok":true}')
      assert.is((await call('wrong')).status, 403)
    },
    { awsCredentials: { KEY: 'secret' } },
  ))

test('RESPONSE_STREAM: the head goes ahead, the body follows in pieces', () =>
  withUrl(streams, { AuthType: 'NONE', InvokeMode: 'RESPONSE_STREAM' }, async ({ call }) => {
    const streamed = await call('/')
    assert.equal([streamed.status, streamed.body.toString()], [201, 'one two'])
    assert.equal([streamed.headers['x-kind'], streamed.headers['set-cookie']], ['streamed', ['a=1', 'b=2']])
    assert.is(streamed.headers['transfer-encoding'], 'chunked')
    const plain = await call('/plain')
    assert.equal([plain.status, plain.body.toString()], [200, 'one two'])
    assert.is(plain.headers['content-type'], 'application/octet-stream')
    assert.is(await refusal(call('/fail')), 'Error: aborted', 'what is not whole does not look whole')
  }))

test('RESPONSE_STREAM: a function whose answer nobody takes is not held up', () =>
  withUrl(streams, { AuthType: 'NONE', InvokeMode: 'RESPONSE_STREAM' }, async ({ lambda, url, base, call }) => {
    await lambda.send(new sdk.PutFunctionConcurrencyCommand({ FunctionName: 'f', ReservedConcurrentExecutions: 1 }))
    for (const path of ['/', '/plain']) {
      const head = await call(path, { method: 'HEAD' })
      assert.equal([head.status, head.body.length], [path === '/' ? 201 : 200, 0])
      const again = async () => (await sendHttp2(url, { method: 'HEAD', path: base + path })).status
      while ((await again()) === 429) await new Promise((resolve) => setTimeout(resolve, 20))
      while ((await call('/plain')).status === 429) await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }))

test('RESPONSE_STREAM: a function that does not stream answers as it always does', () =>
  withUrl(echo, { AuthType: 'NONE', InvokeMode: 'RESPONSE_STREAM' }, async ({ answer, call }) => {
    const { status, body } = await answer({ statusCode: 404, body: 'nothing here' })
    assert.equal([status, body.toString()], [404, 'nothing here'])
    assert.is((await call('/fail')).status, 502)
  }))

test('a function as the target of a load balancer: its event and its answer', () =>
  withLambda(async ({ lambda, url }) => {
    const code = `export const handler = async (event) => event.path === '/answer' ? JSON.parse(event.body)
      : { statusCode: 200, body: JSON.stringify(event) }`
    await lambda.send(new sdk.CreateFunctionCommand({ ...functionOf('f', code) }))
    const call = (path: string, request: RawRequest = {}) => send(url, { method: 'GET', ...request, path })
    const one = jsonOf(await call('/alb/f/a/b?x=1&x=%20', { headers: { 'x-one': 'a', cookie: 'c=d' } }))
    assert.match(one.requestContext.elb.targetGroupArn, /^arn:aws:elasticloadbalancing:.*:targetgroup\/f\//)
    assert.equal([one.httpMethod, one.path, one.body, one.isBase64Encoded], ['GET', '/a/b', '', false])
    assert.equal(one.queryStringParameters, { x: '%20' })
    assert.equal([one.headers['x-one'], one.headers.cookie], ['a', 'c=d'])
    const multi = jsonOf(await call('/alb-multi/f?x=1&x=2', { headers: { 'x-one': 'a' } }))
    assert.equal([multi.path, multi.multiValueQueryStringParameters], ['/', { x: ['1', '2'] }])
    assert.equal([multi.multiValueHeaders['x-one'], multi.headers], [['a'], undefined])
    const answer = (base: string, value: unknown) =>
      call(`/${base}/f/answer`, { method: 'POST', body: JSON.stringify(value) })
    const single = await answer('alb', {
      statusCode: 201,
      headers: { 'x-a': 'b' },
      body: 'eA==',
      isBase64Encoded: true,
    })
    assert.equal([single.status, single.headers['x-a'], single.body.toString()], [201, 'b', 'x'])
    const several = await answer('alb-multi', { statusCode: 200, multiValueHeaders: { 'set-cookie': ['a=1', 'b=2'] } })
    assert.equal(several.headers['set-cookie'], ['a=1', 'b=2'])
    assert.is((await answer('alb', { no: 'status' })).status, 502)
    assert.is((await call('/alb/f', { method: 'POST', body: Buffer.alloc(1024 * 1024 + 1) })).status, 413)
    assert.is((await call('/alb/none/')).status, 404)
  }))

test.run()
