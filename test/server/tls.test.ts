import { once } from 'node:events'
import { connect as connectTls } from 'node:tls'
import * as assert from 'uvu/assert'
import { Main } from '../../broker/main.ts'
import type { MillraceError } from '../../broker/wire/errors.ts'
import { connect } from '../../client/index.ts'
import { suite } from '../suite.ts'
import { cert, key } from './certificate.ts'
import { ticking, turns, until, withBroker, within, withWall } from './harness.ts'
import { Http1Client, Http2Client } from './raw-client.ts'
import { RawSocket } from './raw-socket.ts'

const test = suite('TLS')
const tls = { cert, key }

test('with a certificate the port speaks TLS, and ALPN chooses the version', () =>
  withBroker(
    async ({ url, port }) => {
      assert.match(url, /^https:\/\/127\.0\.0\.1:\d+$/)
      for (const [offered, chosen] of [
        [['h2', 'http/1.1'], 'h2'],
        [['http/1.1'], 'http/1.1'],
      ] as const) {
        const socket = connectTls({ port, host: '127.0.0.1', ca: cert, ALPNProtocols: [...offered] })
        await within(once(socket, 'secureConnect'), 'a secure connection')
        assert.is(socket.alpnProtocol, chosen)
        socket.destroy()
      }
      for (const client of [new Http1Client(url, 'JSON', cert), new Http2Client(url, 'MessagePack', cert)]) {
        assert.is((await client.ask('GET', '/healthz')).status, 200)
        const large = {
          raw: Buffer.from(`{"shards": 2${' '.repeat(300_000)}}`),
          headers: { 'content-type': 'text/plain' },
        }
        const created = await client.ask('PUT', `/v1/streams/over-${client.encoding}`, large)
        assert.is(created.status, 201)
        client.close()
      }
    },
    { tls },
  ))

test('WebSockets go through TLS too', () =>
  withBroker(
    async ({ url }) => {
      const client = await connect(url.replace('https', 'wss'), { tls: { ca: cert } })
      await client.stream('s').create()
      const data = 'x'.repeat(500_000)
      await client.stream('s').put({ key: 'k', data })
      assert.is([...((await client.stream('s').subscribe().next()) ?? [])][0]?.text(), data)
      await client.close()
    },
    { tls },
  ))

test('a client without ALPN is understood by what it says', () =>
  withBroker(
    async ({ port }) => {
      const socket = connectTls({ port, host: '127.0.0.1', ca: cert })
      socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
      let text = ''
      socket.on('data', (chunk) => {
        text += chunk
      })
      await within(once(socket, 'close'), 'closed')
      assert.match(text, /^HTTP\/1\.1 200 /)
    },
    { tls },
  ))

test('the same port still takes clients without TLS, and a client that does not trust the certificate does no harm', () =>
  withBroker(
    async ({ url, main }) => {
      const plain = new Http1Client(url.replace('https', 'http'))
      assert.is((await plain.ask('GET', '/healthz')).status, 200)
      const suspicious = new Http1Client(url, 'JSON', Buffer.from(''))
      const refusal = await suspicious.ask('GET', '/healthz').catch((error: NodeJS.ErrnoException) => error.code)
      assert.is(refusal, 'DEPTH_ZERO_SELF_SIGNED_CERT')
      assert.is((await plain.ask('GET', '/healthz')).status, 200)
      plain.close()
      await until(() => main.connections === 0, 'all are gone')
    },
    { tls },
  ))

test('a connection that is used lives on, one that says nothing or half a request inside TLS is let go', () =>
  withWall(
    async ({ port, url, main }, wall) => {
      const half = connectTls({ port, host: '127.0.0.1', ca: cert, ALPNProtocols: ['http/1.1'] })
      const silent = connectTls({ port, host: '127.0.0.1', ca: cert })
      await within(Promise.all([once(half, 'secureConnect'), once(silent, 'secureConnect')]), 'secure connections')
      half.write('GET /healthz HTTP/1.1\r\nslow: ')
      const used = new Http2Client(url, 'JSON', cert)
      assert.is((await used.ask('GET', '/healthz')).status, 200)
      await until(() => main.connections === 3, 'three are connected')
      half.resume()
      silent.resume()
      await ticking(wall, Promise.all([once(half, 'close'), once(silent, 'close')]), 30)
      for (let i = 0; i < 100; i++) {
        await wall.advance(2_000)
        await turns()
      }
      assert.is((await used.ask('GET', '/healthz')).status, 200)
      used.close()
    },
    { tls },
  ))

test('garbage inside a handshake ends that connection', () =>
  withBroker(
    async ({ port, main }) => {
      const raw = new RawSocket(port)
      raw.send(Buffer.from([0x16, 3, 1, 0, 5, 9, 9, 9, 9, 9]))
      await within(raw.closed, 'closed')
      await until(() => main.connections === 0, 'it is gone')
    },
    { tls },
  ))

test('a certificate or key that is not one is refused at the start, in a sentence', async () => {
  const error = await Main.start({ memory: true, port: 0, tls: { cert: Buffer.from('no'), key } }).then(
    () => assert.unreachable('it listens'),
    (refused: MillraceError) => refused,
  )
  assert.is(error?.code, 'listen_failed')
  assert.match(error?.message ?? '', /certificate or key is not usable/)
})

test.run()
