import * as assert from 'uvu/assert'
import { ManualClock } from '../../broker/clock.ts'
import { broadcast } from '../../broker/modes/socket-broadcast.ts'
import { SocketConnections } from '../../broker/modes/socket-connections.ts'
import { MillraceError } from '../../broker/wire/errors.ts'
import type { SocketConnection } from '../../broker/wire/socket-connection.ts'
import { suite } from '../suite.ts'

const test = suite('broadcasts to sockets')

type Pace = 'fast' | 'never' | 'gone' | 'full'

/** A client that takes messages at once, or never, or is gone, or has too much waiting already. */
class FakeConnection implements SocketConnection {
  readonly id: string
  readonly apiId = 'api'
  readonly stage: string
  readonly connectedAt = 0
  readonly lastActiveAt = 0
  readonly sourceIp = ''
  readonly userAgent = ''
  readonly taken: Uint8Array[] = []
  cut = false
  readonly #pace: Pace

  constructor(id: string, pace: Pace = 'fast', stage = 'dev') {
    this.id = id
    this.#pace = pace
    this.stage = stage
  }

  post(text: Uint8Array): Promise<void> {
    if (this.#pace === 'gone') return Promise.reject(new Error('gone'))
    if (this.#pace === 'full') return Promise.reject(new MillraceError('throttled', { bytes: 2, limit: 1 }))
    if (this.#pace === 'never') return new Promise(() => undefined)
    this.taken.push(text)
    return Promise.resolve()
  }

  end(): void {
    this.cut = true
  }

  cutOff(): void {
    this.cut = true
  }
}

function sceneWith(...clients: FakeConnection[]) {
  const connections = new SocketConnections()
  for (const client of clients) connections.add(client)
  const wall = new ManualClock()
  const messages = ['one', 'two', 'three'].map((text) => ({ text: Buffer.from(text) }))
  const send = (stage?: string, all: readonly { text: Uint8Array; connection?: string }[] = messages) =>
    broadcast({ connections, wall }, { api: 'api', stage }, all, { roundBytes: 6, stallMillis: 1_000 })
  return { connections, wall, send }
}

test('every client gets every message in order, and all get the same bytes', async () => {
  const [one, two] = [new FakeConnection('1'), new FakeConnection('2')]
  const { send } = sceneWith(one, two)
  assert.equal(await send(), { sent: 6, stalled: 0 })
  assert.equal(one.taken.map(String), ['one', 'two', 'three'])
  one.taken.forEach((text, i) => {
    assert.is(text, two.taken[i])
  })
})

test('a stage is a part of all, and a message for one client is for nobody else', async () => {
  const [one, two] = [new FakeConnection('1'), new FakeConnection('2', 'fast', 'live')]
  const { send } = sceneWith(one, two)
  assert.equal(await send('live'), { sent: 3, stalled: 0 })
  assert.is(one.taken.length, 0)
  const letters = [
    { text: Buffer.from('x'), connection: '1' },
    { text: Buffer.from('y'), connection: 'nobody' },
  ]
  assert.equal(await send(undefined, letters), { sent: 1, stalled: 0 })
  assert.equal(one.taken.map(String), ['x'])
})

test('who has too much waiting already is cut off, rather than miss a message', async () => {
  const full = new FakeConnection('1', 'full')
  const { send, connections } = sceneWith(full)
  full.cutOff = () => {
    full.cut = true
    connections.remove('1')
  }
  assert.equal(await send(), { sent: 0, stalled: 1 })
  assert.is(full.cut, true)
})

test('a message for a client of another stage is for nobody', async () => {
  const one = new FakeConnection('1', 'fast', 'dev')
  const { send } = sceneWith(one)
  assert.equal(await send('live', [{ text: Buffer.from('x'), connection: '1' }]), { sent: 0, stalled: 0 })
})

test('who takes nothing is cut off after a while, who is gone is let be, and the others miss nothing', async () => {
  const fast = new FakeConnection('1')
  const never = new FakeConnection('2', 'never')
  const { send, wall, connections } = sceneWith(fast, never, new FakeConnection('3', 'gone'))
  never.cutOff = () => {
    never.cut = true
    connections.remove('2')
  }
  const sending = send()
  await wall.advance(999)
  assert.is(never.cut, false)
  assert.equal(fast.taken.map(String), ['one', 'two'], 'more is not begun before')
  await wall.advance(1)
  assert.equal(await sending, { sent: 3, stalled: 1 })
  assert.is(never.cut, true)
  assert.equal(fast.taken.map(String), ['one', 'two', 'three'])
})

test.run()
