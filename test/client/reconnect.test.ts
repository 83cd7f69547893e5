import { mkdtemp, rm } from 'node:fs/promises'
import { connect as connectSocket, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createBroker, type EmbeddedBroker } from '../../broker/index.ts'
import { type Client, connect, MillraceError } from '../../client/index.ts'

const test = suite('reconnect')

/** A broker on disk that can be stopped and started again at the same address. */
class RestartingBroker {
  readonly #path: string
  #broker: EmbeddedBroker | undefined
  #port = 0

  constructor(path: string) {
    this.#path = path
  }

  async start(): Promise<string> {
    this.#broker = await createBroker({ data: this.#path, port: this.#port })
    const url = this.#broker.url ?? ''
    this.#port = Number(new URL(url).port)
    return url
  }

  async stop(): Promise<void> {
    await this.#broker?.close()
  }
}

/** Everything here goes for both ways to a broker. */
const schemes = ['http', 'ws'] as const
type Scheme = (typeof schemes)[number]

async function withBroker(
  scheme: Scheme,
  body: (client: Client, broker: RestartingBroker) => Promise<void>,
): Promise<void> {
  const path = await mkdtemp(join(tmpdir(), 'millrace-test-'))
  const broker = new RestartingBroker(path)
  const client = await connect((await broker.start()).replace('http', scheme))
  try {
    await body(client, broker)
  } finally {
    await client.close()
    await broker.stop()
    await rm(path, { recursive: true, force: true })
  }
}

for (const scheme of schemes) {
  test(`puts and subscriptions live through a restart of the broker: nothing lost, nothing twice (${scheme})`, () =>
    withBroker(scheme, async (client, broker) => {
      const stream = client.stream('s')
      await stream.create({ shards: 3 })
      const subscription = stream.subscribe()
      const puts: Promise<unknown>[] = []
      const put = (i: number) => puts.push(stream.put({ key: `k${i % 10}`, data: `${i}` }))
      for (let i = 0; i < 100; i++) put(i)
      await Promise.all(puts)
      await broker.stop()
      for (let i = 100; i < 200; i++) put(i)
      await broker.start()
      await Promise.all(puts)
      for (let i = 200; i < 300; i++) put(i)
      const seen: number[] = []
      for await (const batch of subscription) {
        for (const record of batch) seen.push(Number(record.text()))
        if (seen.length >= 300) break
      }
      assert.equal(
        seen.sort((a, b) => a - b),
        Array.from({ length: 300 }, (_, i) => i),
      )
    }))
}

for (const scheme of schemes) {
  test(`a group goes on from its checkpoints after a restart of the broker (${scheme})`, () =>
    withBroker(scheme, async (client, broker) => {
      const stream = client.stream('s')
      await stream.create({ shards: 2 })
      const stop = new AbortController()
      const handled: number[] = []
      const running = stream.group('g', { leaseMillis: 1_000 }).run(
        (record) => {
          handled.push(Number(record.text()))
          if (new Set(handled).size === 200) stop.abort()
        },
        { signal: stop.signal },
      )
      await Promise.all(Array.from({ length: 100 }, (_, i) => stream.put({ key: `k${i}`, data: `${i}` })))
      await broker.stop()
      await broker.start()
      await Promise.all(Array.from({ length: 100 }, (_, i) => stream.put({ key: `k${i}`, data: `${100 + i}` })))
      await running
      assert.is(new Set(handled).size, 200)
      // A lease that the broker forgot is a lease lost: what was handled under it may be handled once more, and is then checkpointed.
      const finish = new AbortController()
      const finishing = stream.group('g').run(() => undefined, { signal: finish.signal })
      const lag = async () => (await stream.consumer('g')).shards.reduce((sum, shard) => sum + shard.lag, 0)
      while ((await lag()) > 0) await new Promise((resolve) => setImmediate(resolve))
      finish.abort()
      await finishing
    }))
}

for (const scheme of schemes) {
  test(`connecting to nobody says who was expected where (${scheme})`, async () => {
    const error = await connect(`${scheme}://127.0.0.1:9`).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    assert.instance(error, MillraceError)
    assert.is((error as MillraceError).code, 'unavailable')
    assert.match((error as MillraceError).message, `${scheme}://127.0.0.1:9`)
    assert.match((error as MillraceError).fix, 'npm start')
  })
}

test('an address that is none is named', async () => {
  const error = await connect('localhost:4566').then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.is((error as MillraceError).code, 'invalid_field')
})

/** Passes bytes on to a broker until it is told to swallow them: a network that is gone without a word. */
class BlackHole {
  readonly #target: number
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  swallows = false

  constructor(target: number) {
    this.#target = target
    this.#server = createServer((near) => this.#join(near))
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  #join(near: Socket): void {
    const far = connectSocket(this.#target, '127.0.0.1')
    const swallowed = this.swallows
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from)
      from.on('data', (chunk) => (this.swallows && !swallowed ? undefined : to.write(chunk)))
      from.on('end', () => to.end())
      from.on('error', () => to.destroy())
    }
  }
}

for (const scheme of schemes) {
  test(`a subscription whose broker falls silent is opened anew, and misses nothing (${scheme})`, async () => {
    const broker = await createBroker({ memory: true, port: 0 })
    const hole = new BlackHole(Number(new URL(broker.url ?? '').port))
    const direct = await connect(broker.url ?? '')
    const client = await connect((await hole.listen()).replace('http', scheme))
    await direct.stream('s').create()
    const subscription = client.stream('s').subscribe({ heartbeatMillis: 100 })
    await direct.stream('s').put({ key: 'k', data: 'before' })
    assert.is([...((await subscription.next())?.records ?? [])][0]?.text(), 'before')
    hole.swallows = true
    await direct.stream('s').put({ key: 'k', data: 'behind' })
    assert.is([...((await subscription.next())?.records ?? [])][0]?.text(), 'behind')
    await client.close()
    await direct.close()
    hole.close()
    await broker.close()
  })
}

test.run()
