import * as assert from 'uvu/assert'
import type { ClientOptions } from 'ws'
import type { MainOptions, MainParts } from '../../broker/main.ts'
import { DataMessages } from '../../broker/server/data-messages.ts'
import { blocksOf } from '../../broker/wire/block.ts'
import { framesOf, frameTypes } from '../../broker/wire/frame.ts'
import { closeCodes, messageKinds, socketProtocol, tokenProtocol } from '../../broker/wire/socket-message.ts'
import { suite } from '../suite.ts'
import { type Door, ticking, turns, until, withBroker, within, withWall } from './harness.ts'
import { RawSocket } from './raw-socket.ts'
import { blockOf, blocksFrame } from './raw-streams.ts'
import { RawWebSocket } from './raw-web-socket.ts'

const test = suite('sockets')

/** Runs `body` with one open socket. */
function withSocket(
  body: (socket: RawWebSocket, door: Door) => Promise<void>,
  options: MainOptions = {},
  parts: MainParts = {},
): Promise<void> {
  return withBroker(
    async (door) => {
      const socket = await new RawWebSocket(door.port).open()
      try {
        await body(socket, door)
      } finally {
        socket.destroy()
      }
    },
    options,
    parts,
  )
}

/** Sequences of all records in the blocks of some frames. */
function sequencesIn(frames: Uint8Array): number[] {
  return [...framesOf(frames)]
    .filter(({ type }) => type === frameTypes.blocks)
    .flatMap(({ payload }) => [...blocksOf(payload)])
    .flatMap(({ header }) => Array.from({ length: header.count }, (_, i) => header.baseSequence + i))
}

async function put(socket: RawWebSocket, data: readonly string[]): Promise<void> {
  const records = data.map((text) => ({ key: 'k', text }))
  const { status } = await socket.call(9, 'POST', '/v1/streams/s/records', { records })
  assert.is(status, 200)
}

test('a call is answered as over HTTP, what is wrong with it included', () =>
  withSocket(async (socket) => {
    assert.is((await socket.call(0, 'PUT', '/v1/streams/s', { shards: 2 })).status, 201)
    const { status, body } = await socket.call(0, 'PUT', '/v1/streams/s')
    assert.is(status, 409)
    assert.is((body as { code: string }).code, 'stream_exists')
    assert.is((await socket.call(7, 'GET', '/v1/nowhere')).status, 404)
    assert.is((await socket.call(7, 'POST', '/v1/streams/s/subscribe')).status, 400)
  }))

test('calls and streams go on side by side: a call that waits holds up nothing', () =>
  withSocket(async (socket) => {
    await socket.call(0, 'PUT', '/v1/streams/s')
    const waiting = socket.call(1, 'GET', '/v1/bindings')
    socket.openStream(2, '/v1/streams/s/subscribe', 100_000, { from: 'horizon' })
    socket.openStream(3, '/v1/streams/s/append', 100_000)
    socket.send(messageKinds.data, 3, blocksFrame(0, blockOf(['a', 'b'])))
    await until(() => sequencesIn(socket.bytesOf(2)).length === 2, 'both records are delivered')
    await waiting
    assert.ok(socket.bytesOf(3).length > 0, 'the block is acknowledged')
    socket.send(messageKinds.end, 3)
    assert.is(await socket.errorOf(3), undefined)
    socket.send(messageKinds.close, 2)
    assert.is(await socket.errorOf(2), 'cancelled')
  }))

test('a stream goes as far as its credit and no further, and then on where it was', () =>
  withSocket(async (socket, { main }) => {
    await socket.call(0, 'PUT', '/v1/streams/s')
    socket.openStream(1, '/v1/streams/s/subscribe', 2_000, { from: 'horizon' })
    for (let i = 0; i < 50; i++) await put(socket, ['x'.repeat(1_000)])
    await turns()
    const first = sequencesIn(socket.bytesOf(1)).length
    assert.ok(first >= 1 && first <= 3, `${first} records for 2,000 bytes`)
    socket.grant(1, 1_000_000)
    await until(() => sequencesIn(socket.bytesOf(1)).length === 50, 'the rest came')
    assert.equal(
      sequencesIn(socket.bytesOf(1)),
      Array.from({ length: 50 }, (_, i) => i),
    )
    assert.is(main.broker.longStreams, 1)
  }))

test('a run of records is encoded once for all sockets', () => {
  const messages = new DataMessages()
  for (const size of [10, 1_000, 70_000]) {
    const chunk = new Uint8Array(size)
    const first = messages.encode(1, chunk)
    assert.is(messages.encode(1, chunk), first)
    assert.is.not(messages.encode(2, chunk), first)
    assert.is(messages.encode(1, chunk), first)
    if (size > 65_536) assert.is(first[1], chunk, 'a large one is not even copied')
    assert.is.not(messages.encode(1, new Uint8Array(size)), first)
  }
})

test('a refused stream says why, and its number is free again', () =>
  withSocket(async (socket) => {
    socket.openStream(1, '/v1/streams/none/subscribe', 1_000, {})
    assert.is(await socket.errorOf(1), 'stream_not_found')
    socket.openStream(1, '/v1/streams/none', 1_000, {})
    assert.is(await socket.errorOf(1), 'method_not_allowed')
  }))

test('who breaks the rules is told which, and is out', () =>
  withBroker(async ({ port, main }) => {
    const rules: [(socket: RawWebSocket) => unknown, number, RegExp][] = [
      [(socket) => socket.socket.send('text'), closeCodes.notBinary, /binary/],
      [(socket) => socket.socket.send(Buffer.from([1, 2])), closeCodes.broken, /header/],
      [(socket) => socket.send(messageKinds.call, 1, Buffer.from([0xc1])), 0, /./],
      [(socket) => socket.send(messageKinds.open, 1, Buffer.from([0xc1])), closeCodes.broken, /./],
      [(socket) => socket.socket.send(Buffer.alloc(1024 * 1024 + 1)), 1009, /^$/],
      [
        (socket) => {
          socket.openStream(1, '/v1/streams/s/append', 1_000)
          socket.send(messageKinds.data, 1, Buffer.alloc(300 * 1024))
        },
        closeCodes.broken,
        /granted/,
      ],
      [
        (socket) => {
          socket.openStream(1, '/v1/streams/s/append', 1_000)
          socket.openStream(1, '/v1/streams/s/append', 1_000)
        },
        closeCodes.broken,
        /in use/,
      ],
      [
        (socket) => {
          for (let i = 0; i < 65; i++) socket.openStream(i, '/v1/streams/s/append', 1_000)
        },
        closeCodes.broken,
        /more than 64/,
      ],
    ]
    const first = await new RawWebSocket(port).open()
    await first.call(1, 'PUT', '/v1/streams/s')
    for (const [act, code, reason] of rules) {
      const socket = await new RawWebSocket(port).open()
      act(socket)
      if (code === 0) assert.is((await socket.hears(messageKinds.answer, 1)).number, 1)
      else {
        const closed = await within(socket.closed, `${reason} is closed`)
        assert.is(closed.code, code)
        assert.match(closed.reason, reason)
      }
      socket.destroy()
    }
    assert.is((await first.call(1, 'GET', '/v1/streams/s')).status, 200)
    first.destroy()
    await until(() => main.connections === 0 && main.broker.longStreams === 0, 'nothing is left behind')
  }))

test('a message in too many fragments ends its socket', () =>
  withSocket(async (socket) => {
    for (let i = 0; i < 100; i++) socket.socket.send(Buffer.from([1]), { fin: false, binary: true })
    const { code } = await within(socket.closed, 'closed')
    assert.ok(code === 1008 || code === 1009, `${code}`)
  }))

const request = (headers: string, method = 'GET', path = '/v1/streams', body = '') =>
  `${method} ${path} HTTP/1.1\r\nhost: x\r\n${headers}content-length: ${body.length}\r\n\r\n${body}`

test('a wish for another protocol is not heard: the request is answered, its body read, and the connection goes on', () =>
  withBroker(async ({ port }) => {
    const raw = new RawSocket(port)
    const upgrade = 'connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n'
    const body = '{"shards": 3}'
    raw.send(request(upgrade, 'PUT', '/v1/streams/s', body).slice(0, -5))
    await turns()
    raw.send(body.slice(-5))
    await raw.sees(/^HTTP\/1\.1 201 [\s\S]*"shard":2/)
    raw.send(request('', 'GET', '/v1/streams/s'))
    await raw.sees(/HTTP\/1\.1 200 /)
    raw.destroy()
  }))

test('a handshake elsewhere, or with another subprotocol, is refused by HTTP', () =>
  withBroker(async ({ port }) => {
    for (const [path, protocols, status] of [
      ['/', [socketProtocol], 404],
      ['/v1/streams', [socketProtocol], 404],
      ['/v1/socket', ['graphql'], 400],
    ] as const) {
      const socket = new RawWebSocket(port, {}, [...protocols], path)
      await within(socket.closed, 'refused')
      assert.is(socket.refusal, status)
    }
  }))

/** What a socket is closed with that is opened in some way; undefined when it is let in. */
async function closedWith(port: number, options: ClientOptions, protocols?: string[]): Promise<number | undefined> {
  const socket = await new RawWebSocket(port, options, protocols).open()
  const answer = socket.call(0, 'GET', '/v1').then(() => undefined)
  answer.catch(() => undefined)
  const result = await within(Promise.race([answer, socket.closed.then(({ code }) => code)]), 'in or out')
  socket.destroy()
  return result
}

test('pages of strangers are kept out, by name and by address', () =>
  withBroker(async ({ port }) => {
    assert.is(await closedWith(port, {}), undefined)
    assert.is(await closedWith(port, { origin: 'http://localhost:5173' }), undefined)
    assert.is(await closedWith(port, { origin: `http://127.0.0.1:${port}` }), undefined)
    assert.is(await closedWith(port, { origin: 'https://evil.example' }), closeCodes.originRefused)
    assert.is(await closedWith(port, { origin: 'https://localhost.evil.example' }), closeCodes.originRefused)
    assert.is(await closedWith(port, { origin: 'null' }), closeCodes.originRefused)
    // A stranger's name that points at this machine: the page's origin is then what the request says it is for.
    const rebound = { origin: 'http://evil.example', headers: { host: 'evil.example' } }
    assert.is(await closedWith(port, rebound), closeCodes.originRefused)
  }))

test('pages of allowed origins are let in', () =>
  withBroker(
    async ({ port }) => {
      assert.is(await closedWith(port, { origin: 'https://app.example' }), undefined)
      assert.is(await closedWith(port, { origin: 'http://app.example' }), closeCodes.originRefused)
    },
    { allowOrigins: ['https://app.example'] },
  ))

test('a token is taken from the header, or from the subprotocols as a page must send it', () =>
  withBroker(
    async ({ port }) => {
      const offering = (token: string) => [socketProtocol, tokenProtocol + Buffer.from(token).toString('base64url')]
      assert.is(await closedWith(port, {}), closeCodes.unauthorized)
      assert.is(await closedWith(port, {}, offering('wrong')), closeCodes.unauthorized)
      assert.is(await closedWith(port, {}, offering('sécret')), undefined)
      assert.is(await closedWith(port, { headers: { authorization: 'Bearer other' } }), undefined)
    },
    { token: 'sécret', grants: { other: ['read:streams/s'] } },
  ))

test('who is not let in is not heard, whatever he says before he is told', () =>
  withBroker(
    async ({ port, main }) => {
      const socket = await new RawWebSocket(port, {}).open()
      for (let i = 0; i < 10; i++) socket.send(messageKinds.call, i, Buffer.from([0x80]))
      assert.is((await within(socket.closed, 'closed')).code, closeCodes.unauthorized)
      assert.is(socket.heard.length, 0)
      assert.equal(main.broker.streams.list(), [])
    },
    { token: 'secret' },
  ))

test('a socket over which nothing is open is closed after a while, one in use is not', () =>
  withWall(async ({ port, main }, wall) => {
    const idle = await new RawWebSocket(port).open()
    const used = await new RawWebSocket(port).open()
    await used.call(0, 'PUT', '/v1/streams/s')
    used.openStream(1, '/v1/streams/s/subscribe', 1_000, {})
    await until(() => main.broker.longStreams === 1, 'it reads')
    assert.is((await ticking(wall, idle.closed, 700)).code, closeCodes.idle)
    assert.is(used.socket.readyState, used.socket.OPEN)
    used.destroy()
  }))

test('a socket that answers no ping is dead', () =>
  withWall(async ({ port, main }, wall) => {
    const socket = await new RawWebSocket(port, { autoPong: false }).open()
    const pinged = new Promise((resolve) => socket.socket.on('ping', resolve))
    await ticking(wall, pinged)
    assert.is((await ticking(wall, socket.closed)).code, 1006)
    await until(() => main.connections === 0, 'it is gone')
  }))

test('a socket that takes nothing costs what waits in it, others do not notice, and after a while it is closed', () =>
  withWall(async ({ port, main }, wall) => {
    const lively = await new RawWebSocket(port).open()
    await lively.call(0, 'PUT', '/v1/streams/s')
    const stalled = await new RawWebSocket(port).open()
    stalled.openStream(1, '/v1/streams/s/subscribe', 16 * 1024 * 1024, { from: 'latest' })
    lively.openStream(1, '/v1/streams/s/subscribe', 16 * 1024 * 1024, { from: 'latest' })
    await until(() => main.broker.longStreams === 2, 'both read')
    await Promise.all([stalled.hears(messageKinds.data, 1), lively.hears(messageKinds.data, 1)])
    stalled.socket.pause()
    // More than a network's buffers hold, of which a stalled socket may keep one batch and not all.
    const text = 'x'.repeat(100_000)
    for (let i = 0; i < 120; i++) {
      await put(lively, [text])
      lively.grant(1, 110_000)
    }
    await until(() => sequencesIn(lively.bytesOf(1)).length === 120, 'who reads gets everything')
    const alone = until(() => main.connections === 1, 'who reads is the only one left')
    await ticking(wall, alone, 200)
    stalled.socket.resume()
    // Whether the reason still reached it depends on how much a network holds.
    const { code } = await within(stalled.closed, 'closed')
    assert.ok(code === closeCodes.stalled || code === 1006, `${code}`)
    assert.is(lively.socket.readyState, lively.socket.OPEN)
    lively.destroy()
  }))

test('a broker that goes away tells every reader, then every socket', () =>
  withSocket(async (socket, { main }) => {
    await socket.call(0, 'PUT', '/v1/streams/s')
    socket.openStream(1, '/v1/streams/s/subscribe', 1_000, {})
    await until(() => main.broker.longStreams === 1, 'it reads')
    const closing = main.close()
    assert.is(await socket.errorOf(1), undefined)
    assert.ok([...framesOf(socket.bytesOf(1))].some(({ type }) => type === frameTypes.drain))
    assert.is((await within(socket.closed, 'closed')).code, closeCodes.goingAway)
    await closing
  }))

test.run()
