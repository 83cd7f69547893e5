import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import * as assert from 'uvu/assert'
import { Main } from '../../broker/main.ts'
import type { MillraceError } from '../../broker/wire/errors.ts'
import { claim, sendHttp2 } from '../aws/harness.ts'
import { suite } from '../suite.ts'
import { ticking, turns, until, withBroker, within, withWall } from './harness.ts'
import { Http1Client, Http2Client } from './raw-client.ts'
import { RawSocket } from './raw-socket.ts'

const test = suite('the listener')
const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
const emptySettings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])

test('one port takes HTTP/1.1 and HTTP/2, and HTTP/1.1 that begins like HTTP/2', () =>
  withBroker(async ({ url, port }) => {
    const first = new Http1Client(url)
    const second = new Http2Client(url)
    assert.is((await first.ask('GET', '/healthz')).status, 200)
    assert.is((await second.ask('GET', '/healthz')).status, 200)
    const raw = new RawSocket(port)
    for (const byte of 'PUT /v1/streams/s HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n') {
      raw.send(byte)
      await turns(2)
    }
    await raw.sees(/^HTTP\/1\.1 201 /)
    raw.destroy()
    first.close()
    second.close()
  }))

test('what is not HTTP is told so, and the connection ends', () =>
  withBroker(async ({ port, main }) => {
    for (const [bytes, status] of [
      ['nonsense\r\n\r\n', 400],
      ['GET / HTTP/9.9\r\n\r\n', 400],
      ['PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n', 400],
      ['GET /healthz HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n', 400],
      ['GET /healthz HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n', 400],
      ['GET /healthz HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n', 400],
      ['GET /healthz HTTP/1.1\r\n\r\n', 400],
      [`GET /healthz HTTP/1.1\r\nhost: x\r\nlong: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
      [`GET /${'x'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, 431],
    ] as const) {
      const raw = new RawSocket(port)
      raw.send(bytes)
      await raw.sees(new RegExp(`^HTTP/1\\.1 ${status} `))
      await within(raw.closed, `closed after ${bytes.slice(0, 60)}`)
    }
    await until(() => main.connections === 0, 'all are gone')
  }))

test('a TLS client on a port without TLS is hung up on', () =>
  withBroker(async ({ port, main }) => {
    const raw = new RawSocket(port)
    raw.send(Buffer.from([0x16, 0x03, 0x01, 0x00, 0x05, 1, 2, 3, 4, 5]))
    await within(raw.closed, 'closed')
    assert.is(raw.received.length, 0)
    await until(() => main.connections === 0, 'it is gone')
  }))

test('who says nothing, or half a request and no more, is let go', () =>
  withWall(async ({ port, main }, wall) => {
    const silent = new RawSocket(port)
    const half = new RawSocket(port)
    half.send('GET /healthz HTTP/1.1\r\nhost: x\r\nslow: ')
    const undecided = new RawSocket(port)
    undecided.send('PRI * HT')
    const again = new RawSocket(port)
    again.send('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
    await again.sees(/"ok"/)
    again.send('GET /healthz HT')
    await until(() => main.connections === 4, 'all are connected')
    await wall.advance(8_000)
    await turns()
    half.send('x')
    assert.is(main.connections, 4, 'not at once')
    await ticking(wall, Promise.all([silent, half, undecided, again].map((each) => each.closed)), 20)
    assert.match(half.text, /^HTTP\/1\.1 408 Request Timeout\r\n[\s\S]*"code":"too_slow"/)
    assert.match(again.text, /HTTP\/1\.1 408 /)
    assert.is(silent.text + undecided.text, '')
    await until(() => main.connections === 0, 'all are gone')
  }))

test('who dribbles a body is let go', () =>
  withWall(
    async ({ port, url, main }, wall) => {
      const first = new RawSocket(port)
      first.send('PUT /v1/streams/s HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{')
      const second = new Http2Client(url)
      const stream = second.session.request({ ':method': 'PUT', ':path': '/v1/streams/s' }, { endStream: false })
      const status = once(stream, 'response').then(([headers]) => headers[':status'])
      stream.on('error', () => undefined)
      stream.write('{')
      await until(() => main.connections === 2, 'both are connected')
      await turns()
      for (let seconds = 0; seconds < 50; seconds += 10) {
        await wall.advance(10_000)
        first.send(' ')
        stream.write(' ')
        await turns()
      }
      assert.not(/HTTP/.test(first.text), 'not at once')
      assert.is(await ticking(wall, status, 30), 408)
      await ticking(wall, first.sees(/^HTTP\/1\.1 408 /), 30)
      await ticking(wall, first.closed, 30)
      second.close()
    },
    {},
    { limits: { bodyMillisMax: 60_000 } },
  ))

test('who sends a large body that was refused is read for a while, and then let go', () =>
  withWall(async ({ port }, wall) => {
    const raw = new RawSocket(port)
    raw.send('POST /v1/streams HTTP/1.1\r\nhost: x\r\ncontent-length: 100000000\r\n\r\nx')
    await raw.sees(/^HTTP\/1\.1 405 /)
    raw.send('x'.repeat(100_000))
    await turns()
    assert.not(raw.socket.destroyed)
    await ticking(wall, raw.closed, 10)
  }))

test('a peer that gives no sign of life is let go, one that only has nothing to say is not', () =>
  withWall(async ({ port, url, main }, wall) => {
    const dead = new RawSocket(port)
    dead.send(Buffer.concat([Buffer.from(preface), emptySettings]))
    const quiet = new Http2Client(url)
    await once(quiet.session, 'remoteSettings')
    await until(() => main.connections === 2, 'both are connected')
    await ticking(wall, dead.closed, 200)
    assert.ok(dead.received.includes(Buffer.from([0, 0, 8, 6, 0])), 'it was asked by a PING')
    for (let i = 0; i < 200; i++) {
      await wall.advance(2_000)
      await turns()
    }
    assert.is((await quiet.ask('GET', '/healthz')).status, 200)
    quiet.close()
  }))

test('who takes nothing of a large answer is let go', () =>
  withWall(async ({ port, url, main }, wall) => {
    const writer = new Http2Client(url)
    await writer.ask('PUT', '/v1/streams/s')
    const records = Array.from({ length: 9 }, () => ({ key: 'k', text: 'x'.repeat(1_000_000) }))
    assert.is((await writer.ask('POST', '/v1/streams/s/records', { body: { records } })).status, 200)
    writer.close()
    const first = new RawSocket(port)
    first.socket.pause()
    first.send('GET /v1/streams/s/records HTTP/1.1\r\nhost: x\r\n\r\n')
    const second = new Http2Client(url, 'JSON', undefined, 10_000)
    const stream = second.session.request({ ':method': 'GET', ':path': '/v1/streams/s/records' })
    stream.on('error', () => undefined)
    await within(once(stream, 'response'), 'the answer begins')
    await until(() => main.connections === 2, 'both are connected')
    for (let i = 0; i < 330 && (main.connections > 1 || !stream.closed); i++) {
      await wall.advance(1_000)
      await turns()
    }
    assert.ok(stream.closed, 'the stream of HTTP/2')
    await until(() => main.connections === 1, 'the connection of HTTP/1.1')
    assert.is((await second.ask('GET', '/healthz')).status, 200, 'the other streams of that connection live on')
    second.close()
    first.destroy()
  }))

test('so is who takes nothing of a large page of Kinesis, while his connection lives on', () =>
  withWall(async ({ url }, wall) => {
    const client = new Http2Client(url, 'JSON', undefined, 10_000)
    await client.ask('PUT', '/v1/streams/s')
    const records = Array.from({ length: 9 }, () => ({ key: 'k', text: 'x'.repeat(1_000_000) }))
    assert.is((await client.ask('POST', '/v1/streams/s/records', { body: { records } })).status, 200)
    const headers = (operation: string) => ({
      'x-amz-target': `Kinesis_20131202.${operation}`,
      'content-type': 'application/x-amz-json-1.1',
      authorization: claim('kinesis'),
    })
    const start = { StreamName: 's', ShardId: '0', ShardIteratorType: 'TRIM_HORIZON' }
    const found = await sendHttp2(url, { headers: headers('GetShardIterator'), body: JSON.stringify(start) })
    const stream = client.session.request({ ':method': 'POST', ':path': '/', ...headers('GetRecords') })
    stream.on('error', () => undefined)
    stream.end(found.body)
    const [head] = await within(once(stream, 'response'), 'the answer begins')
    assert.is(head[':status'], 200)
    for (let i = 0; i < 330 && !stream.closed; i++) {
      await wall.advance(1_000)
      await turns()
    }
    assert.ok(stream.closed)
    assert.is((await client.ask('GET', '/healthz')).status, 200)
    client.close()
  }))

test('no more connections than the limit; who leaves makes room', () =>
  withBroker(
    async ({ port, main }) => {
      const ask = 'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n'
      const all = [new RawSocket(port), new RawSocket(port)]
      for (const each of all) {
        each.send(ask)
        await each.sees(/"ok"/)
      }
      const third = new RawSocket(port)
      third.send(ask)
      await within(third.closed, 'the third is refused')
      all[0]?.destroy()
      await until(() => main.connections === 1, 'one has left')
      const fourth = new RawSocket(port)
      fourth.send(ask)
      await fourth.sees(/"ok"/)
      for (const each of [...all, fourth]) each.destroy()
    },
    {},
    { limits: { connectionsMax: 2 } },
  ))

test('an address that others reach needs a token, or to be told that none is wanted', async () => {
  for (const host of ['0.0.0.0', '::', '10.1.2.3', 'example.com']) {
    const refused = Main.start({ memory: true, host, port: 0 })
    const code = await refused.then(
      () => 'listens',
      (error: MillraceError) => error.code,
    )
    assert.is(code, 'unsafe_address', host)
  }
  for (const options of [{ token: 'secret' }, { insecure: true }]) {
    const main = await Main.start({ memory: true, host: '0.0.0.0', port: 0, ...options })
    assert.match(main.url ?? '', /^http:\/\/0\.0\.0\.0:\d+$/)
    await main.close()
  }
  const unheard = await Main.start({ memory: true, host: '0.0.0.0' })
  assert.is(unheard.url, undefined)
  await unheard.close()
})

test('a port that is taken is said to be taken, and nothing is left open', async () => {
  const other: Server = createServer()
  other.listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as { port: number }
  const error = await Main.start({ memory: true, port }).then(
    () => assert.unreachable('it listens'),
    (refused: MillraceError) => refused,
  )
  assert.is(error?.code, 'listen_failed')
  assert.match(
    error?.message ?? '',
    new RegExp(`^Cannot listen on 127\\.0\\.0\\.1:${port}: another program listens there`),
  )
  other.close()
})

test('many idle connections cost little each, and all end when the broker does', () =>
  withBroker(async ({ port, main }) => {
    const count = 2_000
    const sockets: RawSocket[] = []
    for (let i = 0; i < count; i++) {
      sockets.push(new RawSocket(port))
      if (i % 100 === 99) await until(() => main.connections === i + 1, `${i + 1} are connected`)
    }
    await main.close()
    await within(Promise.all(sockets.map((each) => each.closed)), 'all are closed')
  }))

test.run()
