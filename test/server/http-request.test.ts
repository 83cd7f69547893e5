import * as assert from 'uvu/assert'
import { suite } from '../suite.ts'
import { bothVersions, turns, until, withBroker, within } from './harness.ts'
import { Http2Client } from './raw-client.ts'
import { RawSocket } from './raw-socket.ts'

const test = suite('HTTP requests')
const mebibyte = 1024 * 1024

bothVersions(test, 'a wrong method is 405 with the methods that are allowed', async (client) => {
  for (const [method, path, allow] of [
    ['POST', '/healthz', 'GET'],
    ['DELETE', '/v1/streams', 'GET'],
    ['POST', '/v1/streams/s', 'PUT, GET, PATCH, DELETE'],
    ['GET', '/v1/streams/s/append', 'POST'],
    ['OPTIONS', '/v1', 'GET'],
    ['HEAD', '/v1/streams/s/subscribe', 'POST'],
  ] as const) {
    const refused = await client.ask(method, path)
    assert.is(refused.status, 405, `${method} ${path}`)
    assert.is(refused.headers['allow'], allow)
    if (method !== 'HEAD') assert.is(refused.at('code'), 'method_not_allowed')
  }
})

bothVersions(test, 'a path that is not there is 404', async (client) => {
  for (const path of [
    '/',
    '/v2',
    '/v1/',
    '//',
    '//v1',
    '/v1//streams',
    '/v1/streams/s/',
    '/v1/streams/s/split/x',
    '/V1',
  ]) {
    const answer = await client.ask('GET', path)
    const expected = path === '/v1/' ? 200 : 404
    assert.is(answer.status, expected, path)
  }
  const dots = await client.ask('GET', '/v1/streams/../../healthz')
  assert.is(dots.status, 404, 'dot segments are not resolved')
})

bothVersions(test, 'HEAD is answered as GET, without the body', async (client) => {
  const got = await client.ask('GET', '/v1')
  const head = await client.ask('HEAD', '/v1')
  assert.is(head.status, 200)
  assert.equal(
    [head.headers['content-type'], head.headers['content-length'], head.bytes.length],
    [got.headers['content-type'], got.headers['content-length'], 0],
  )
  assert.is((await client.ask('HEAD', '/v1/streams/none')).status, 404)
  assert.is((await client.ask('GET', '/healthz')).status, 200, 'the connection is good for more')
})

bothVersions(test, 'a body that is not what it says is 400, and the connection is good for more', async (client) => {
  const bad: [Record<string, string>, string | Buffer][] = [
    [{}, '{'],
    [{}, '{"shards": 1}}'],
    [{}, 'shards=1'],
    [{ 'content-type': 'application/x-www-form-urlencoded' }, 'shards=1'],
    [{}, Buffer.from([0x22, 0xff, 0xfe, 0x22])],
    [{ 'content-type': 'application/msgpack' }, '{}'],
    [{ 'content-type': 'application/msgpack' }, Buffer.from([0x81])],
    [{ 'content-type': 'application/msgpack' }, Buffer.from([0x80, 0x80])],
    [{ 'content-type': 'application/msgpack' }, Buffer.from([0xc1])],
    [{ 'content-type': 'application/msgpack' }, Buffer.from([0xd4, 0x01, 0x00])],
    [{ 'content-type': 'application/msgpack' }, Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff])],
    [{ 'content-type': 'application/msgpack' }, Buffer.alloc(100, 0x91)],
  ]
  for (const [headers, raw] of bad) {
    const refused = await client.ask('PUT', '/v1/streams/s', { raw, headers })
    assert.equal([refused.status, refused.at('code')], [400, 'bad_request'], `${raw.toString('latin1')}`)
  }
  const curl = { raw: '{"shards": 2}', headers: { 'content-type': 'application/x-www-form-urlencoded' } }
  assert.is((await client.ask('PUT', '/v1/streams/s', curl)).status, 201, 'what curl -d sends is taken as JSON')
})

bothVersions(test, 'the encoding of the answer is the one accepted', async (client) => {
  for (const [accept, type] of [
    ['*/*', 'application/json'],
    ['application/json', 'application/json'],
    ['text/html, application/msgpack;q=0.9', 'application/msgpack'],
  ] as const) {
    assert.is((await client.ask('GET', '/v1', { headers: { accept } })).headers['content-type'], type)
  }
})

bothVersions(
  test,
  'a body over the limit is 413 while it is still being sent, and the broker lives on',
  async (client) => {
    const large = Buffer.alloc(3 * mebibyte, 0x20)
    const refused = await within(client.ask('PUT', '/v1/streams/s', { raw: large }), 'an answer')
    assert.equal([refused.status, refused.at('code')], [413, 'body_too_large'])
    assert.equal(refused.at('details'), { limit: mebibyte })
    const undeclared = { raw: large, headers: { 'content-length': undefined } }
    const streamed = await within(client.ask('PUT', '/v1/streams/s', undeclared), 'an answer')
    assert.is(streamed.status, 413)
    assert.is((await client.ask('GET', '/healthz')).status, 200)
  },
  {},
  { limits: { bodyBytesMax: mebibyte } },
)

bothVersions(
  test,
  'bodies that together are over the limit are throttled, and what they held is given back',
  async (client) => {
    const half = { raw: Buffer.from(`{"shards": 1${' '.repeat(600_000)}}`) }
    for (let round = 0; round < 3; round++) {
      assert.is((await client.ask('PUT', `/v1/streams/fits-${round}`, half)).status, 201)
    }
    const over = await client.ask('PUT', '/v1/streams/s', { raw: Buffer.from(`{${' '.repeat(900_000)}}`) })
    assert.equal([over.status, over.at('code'), over.headers['retry-after']], [429, 'throttled', '1'])
    assert.is((await client.ask('PUT', '/v1/streams/s', half)).status, 201)
  },
  {},
  { limits: { unfinishedBytesMax: 800_000 } },
)

test('what is refused is refused before its body is sent, and what is not is asked for (HTTP/1.1)', () =>
  withBroker(
    async ({ port }) => {
      const ask = async (head: string, expected: RegExp, body?: string) => {
        const raw = new RawSocket(port)
        raw.send(`${head}\r\nhost: x\r\nexpect: 100-continue\r\n\r\n`)
        if (body !== undefined) {
          await raw.sees(/^HTTP\/1\.1 100 Continue\r\n\r\n/)
          raw.send(body)
        }
        await raw.sees(expected)
        raw.destroy()
      }
      const token = 'authorization: Bearer secret'
      await ask('PUT /v1/streams/s HTTP/1.1\r\ncontent-length: 2', /^HTTP\/1\.1 401 /)
      await ask(`PUT /v2 HTTP/1.1\r\n${token}\r\ncontent-length: 2`, /^HTTP\/1\.1 404 /)
      await ask(`PUT /v1/streams/s HTTP/1.1\r\n${token}\r\ncontent-length: 999999999`, /^HTTP\/1\.1 413 /)
      await ask(`PUT /v1/streams/s HTTP/1.1\r\n${token}\r\ncontent-length: 2`, /HTTP\/1\.1 201 /, '{}')
      const chunked = `POST /v1/streams/s/append HTTP/1.1\r\n${token}\r\ntransfer-encoding: chunked`
      await ask(chunked, /HTTP\/1\.1 200 OK/, '0\r\n\r\n')
    },
    { token: 'secret' },
  ))

test('what is to be asked for is asked for (HTTP/2)', () =>
  withBroker(async ({ url }) => {
    const client = new Http2Client(url)
    const headers = { ':method': 'PUT', ':path': '/v1/streams/s', expect: '100-continue' }
    const stream = client.session.request(headers, { endStream: false })
    await within(new Promise<void>((resolve) => stream.on('continue', () => resolve())), 'continue')
    const status = new Promise((resolve) => stream.on('response', (received) => resolve(received[':status'])))
    stream.end('{}')
    assert.is(await within(status, 'an answer'), 201)
    client.close()
  }))

test('a connection is good for more after an error, and answers come in order (HTTP/1.1)', () =>
  withBroker(async ({ port }) => {
    const raw = new RawSocket(port)
    const put = (body: string) =>
      `PUT /v1/streams/s HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`
    for (const body of ['{"shards": "many"}', '{', '{}', '{}']) raw.send(put(body))
    raw.send('GET /nowhere HTTP/1.1\r\nhost: x\r\n\r\n')
    raw.send('POST /v1 HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n')
    raw.send('GET http://elsewhere:80/healthz?x HTTP/1.1\r\nhost: x\r\n\r\n')
    await raw.sees(/"status":"ok"/)
    const statuses = [...raw.text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status))
    assert.equal(statuses, [400, 400, 201, 409, 404, 405, 200])
    raw.destroy()
  }))

test('a client of HTTP/1.0 is answered, and one that asks for an upgrade gets what it asked for without it', () =>
  withBroker(async ({ port }) => {
    const old = new RawSocket(port)
    old.send('GET /healthz HTTP/1.0\r\n\r\n')
    await old.sees(/^HTTP\/1\.1 200 [\s\S]*\{"status":"ok"\}\n$/)
    await within(old.closed, 'closed')
    const upgrading = new RawSocket(port)
    upgrading.send('GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n')
    await upgrading.sees(/^HTTP\/1\.1 200 /)
    upgrading.destroy()
  }))

bothVersions(
  test,
  'a request that was cut off does nothing, however whole it looks',
  async (client, { url, port, main }) => {
    const raw = new RawSocket(port)
    raw.send('PUT /v1/streams/cut-1 HTTP/1.1\r\nhost: x\r\ncontent-length: 12\r\n\r\n{"shards":1}'.slice(0, -1))
    raw.send('PUT /v1/streams/cut-2 HTTP/1.1\r\nhost: x\r\n')
    const chunked = new RawSocket(port)
    chunked.send('PUT /v1/streams/cut-3 HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n')
    const second = new Http2Client(url)
    const streams = [4, 5].map((number) => {
      const headers = { ':method': 'PUT', ':path': `/v1/streams/cut-${number}` }
      const stream = second.session.request(headers, { endStream: false })
      stream.on('error', () => undefined)
      stream.write('{}')
      return stream
    })
    await turns()
    raw.destroy()
    chunked.destroy()
    // Node's own close() would end the body first, and then take it back.
    streams[0]?.destroy(new Error('changed its mind'))
    await turns()
    second.close()
    await until(() => main.connections <= 1, 'the connections are gone')
    assert.equal((await client.ask('GET', '/v1/streams')).value, { streams: [] })
  },
)

bothVersions(test, 'a call whose client went away is given up', async (client, { main, url, port }) => {
  await client.ask('PUT', '/v1/streams/s')
  const path = '/v1/streams/s/groups/g/members/m'
  const joined = await client.ask('PUT', path, { body: { leaseMillis: 60_000 } })
  const body = JSON.stringify({ leaseMillis: 60_000, version: joined.at('version'), waitMillis: 20_000 })
  const second = new Http2Client(url)
  const stream = second.session.request({ ':method': 'PUT', ':path': path }, { endStream: false })
  stream.on('error', () => undefined)
  stream.end(body)
  const raw = new RawSocket(port)
  raw.send(`PUT ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
  await turns()
  raw.destroy()
  second.close()
  await until(() => main.connections <= 1, 'the connections are gone')
  // The clock stands still: were a call still waiting for it, closing would wait for the call.
  client.close()
  await within(main.close(), 'closed')
})

test('requests that were sent before the one before them was answered are given up with their connection', () =>
  withBroker(async ({ main, port, url }) => {
    const client = new Http2Client(url)
    await client.ask('PUT', '/v1/streams/s')
    const member = '/v1/streams/s/groups/g/members/m'
    const joined = await client.ask('PUT', member, { body: { leaseMillis: 60_000 } })
    const wait = JSON.stringify({ leaseMillis: 60_000, version: joined.at('version'), waitMillis: 20_000 })
    const raw = new RawSocket(port)
    raw.send('POST /v1/streams/s/subscribe HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}')
    raw.send(`PUT ${member} HTTP/1.1\r\nhost: x\r\ncontent-length: ${wait.length}\r\n\r\n${wait}`)
    raw.send('POST /v1/streams/s/append HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n')
    await raw.sees(/"sequence":0/)
    await until(() => main.broker.longStreams === 2, 'both long streams are open')
    raw.destroy()
    await until(() => main.broker.longStreams === 0, 'both are forgotten')
    client.close()
    // The clock stands still: were the call still waiting for it, closing would wait for the call.
    await within(main.close(), 'closed')
  }))

bothVersions(test, 'a call that is being answered is answered when the broker goes away', async (client, { main }) => {
  await client.ask('PUT', '/v1/streams/s')
  const path = '/v1/streams/s/groups/g/members/m'
  const joined = await client.ask('PUT', path)
  const waiting = client.ask('PUT', path, { body: { version: joined.at('version'), waitMillis: 4_000 } })
  const large = { records: Array.from({ length: 1_000 }, () => ({ key: 'k', text: 'x'.repeat(1_000) })) }
  const putting = client.ask('POST', '/v1/streams/s/records', { body: large })
  await turns()
  const closing = main.close()
  const [renewed, put] = await within(Promise.all([waiting, putting]), 'both are answered')
  assert.is(renewed.status, 200)
  assert.ok(put.status === 200 || put.at('code') === 'draining', `${put.status}`)
  await within(closing, 'closed')
})

bothVersions(
  test,
  'without the token there is nothing but /healthz',
  async (client) => {
    assert.is((await client.ask('GET', '/healthz')).status, 200)
    assert.is((await client.ask('GET', '/healthz/')).status, 200)
    const with_ = (authorization: string) => ({ headers: { authorization } })
    for (const asked of [
      {},
      with_('Bearer wrong'),
      with_('Basic c2VjcmV0'),
      with_('secret'),
      with_('Bearer'),
      with_('Bearer '),
    ]) {
      const refused = await client.ask('GET', '/v1', asked)
      assert.equal([refused.status, refused.at('code')], [401, 'unauthorized'], JSON.stringify(asked))
      assert.is(refused.headers['www-authenticate'], 'Bearer')
    }
    for (const path of ['/v1/streams/s/append', '/v1/streams/s/subscribe']) {
      const stream = client.open(path, { body: {} })
      assert.is(await stream.status, 401)
      await stream.ended
      assert.is(JSON.parse(stream.refusal.toString()).code, 'unauthorized')
    }
    assert.is((await client.ask('GET', '/v1', with_('Bearer secret'))).status, 200)
    assert.is((await client.ask('GET', '/v1', with_('bearer  secret'))).status, 200)
  },
  { token: 'secret' },
)

test.run()
