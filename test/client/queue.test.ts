import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createBroker, type EmbeddedBroker } from '../../broker/index.ts'
import { type Client, connect, type Message, MillraceError } from '../../client/index.ts'

const test = suite('client queue')

const ways: Readonly<Record<string, (broker: EmbeddedBroker) => Promise<Client>>> = {
  'in process': (broker) => connect(broker),
  'over HTTP/2': (broker) => connect(broker.url as string),
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no error',
    (error: unknown) => (error instanceof MillraceError ? error.code : `not a MillraceError: ${String(error)}`),
  )
}

for (const [way, open] of Object.entries(ways)) {
  const withClient =
    (body: (client: Client, broker: EmbeddedBroker) => Promise<void>, clock: 'real' | 'manual' = 'real') =>
    async () => {
      const broker = await createBroker({ memory: true, port: 0, clock })
      const client = await open(broker)
      try {
        await body(client, broker)
      } finally {
        await client.close()
        await broker.close()
      }
    }

  test(
    `${way}: a queue is created, described, changed, listed and deleted`,
    withClient(async (client) => {
      const queue = client.queue('orders')
      const created = await queue.create({ visibilityMillis: 5_000, tags: { a: '1' } })
      assert.equal([created.name, created.fifo, created.visibilityMillis], ['orders', false, 5_000])
      assert.equal(await queue.create({ visibilityMillis: 5_000 }), created)
      assert.is(await codeOf(queue.create({ visibilityMillis: 6_000 })), 'queue_exists')
      assert.is((await queue.update({ delayMillis: 1 })).delayMillis, 1)
      await client.queue('jobs.fifo').create()
      assert.equal(
        (await client.queues()).map(({ name, fifo }) => [name, fifo]),
        [
          ['jobs.fifo', true],
          ['orders', false],
        ],
      )
      assert.is(
        await codeOf(client.queue('x').create({ deadLetter: { queue: 'no', maxReceives: 1 } })),
        'dead_letter_invalid',
      )
      await queue.delete()
      assert.is(await codeOf(queue.describe()), 'queue_not_found')
      assert.is(await codeOf(queue.send('x')), 'queue_not_found')
      assert.is(await codeOf(queue.receive().next()), 'queue_not_found')
    }),
  )

  test(
    `${way}: sends on one queue share a session, however often its handle is asked for`,
    withClient(async (client) => {
      await client.queue('q').create()
      for (let i = 0; i < 5; i++) await client.queue('q').send(`${i}`)
      assert.is((await client.inspect()).longStreams, 1)
    }),
  )

  test(
    `${way}: thousands of messages are sent and received in few trips, each once`,
    withClient(async (client) => {
      const queue = client.queue('q')
      await queue.create()
      const sent = await Promise.all(Array.from({ length: 5_000 }, (_, i) => queue.send(`${i}`)))
      assert.is(new Set(sent.map(({ id }) => id)).size, 5_000)
      const seen: string[] = []
      const settling: Promise<void>[] = []
      for await (const message of queue.receive({ prefetch: 1_000 })) {
        seen.push(message.text())
        settling.push(message.delete())
        if (seen.length === 5_000) break
      }
      await Promise.all(settling)
      assert.equal(
        seen,
        Array.from({ length: 5_000 }, (_, i) => `${i}`),
      )
      assert.equal((await queue.describe()).messages, { visible: 0, inFlight: 0, delayed: 0 })
    }),
  )

  test(
    `${way}: whoever takes one message and closes leaves the others to others at once`,
    withClient(async (client) => {
      const queue = client.queue('q')
      await queue.create()
      for (const text of ['a', 'b', 'c']) await queue.send(text)
      const receiver = queue.receive({ prefetch: 1 })
      await (await receiver.next())?.delete()
      await receiver.close()
      assert.equal((await queue.describe()).messages, { visible: 2, inFlight: 0, delayed: 0 })
    }),
  )

  test(
    `${way}: several that take at once are served at once, with a prefetch of one`,
    withClient(async (client) => {
      const queue = client.queue('q')
      await queue.create()
      const receiver = queue.receive({ prefetch: 1 })
      const taken = [receiver.take(), receiver.take(), receiver.take()]
      for (const text of ['a', 'b', 'c']) await queue.send(text)
      assert.equal((await Promise.all(taken)).map((message) => message?.text()).sort(), ['a', 'b', 'c'])
      await receiver.close()
    }),
  )

  test(
    `${way}: what was sent arrives as it was`,
    withClient(async (client) => {
      const queue = client.queue('q.fifo')
      await queue.create({ contentBasedDeduplication: true })
      const attributes = {
        kind: 'order',
        size: { type: 'Number', value: '3' },
        raw: { type: 'Binary', value: Uint8Array.of(1) },
      }
      await queue.send({ data: Uint8Array.of(0, 255), group: 'g', attributes, trace: 'Root=1' })
      await queue.send({ data: JSON.stringify({ a: 1 }), group: 'g' })
      const receiver = queue.receive()
      const first = (await receiver.next()) as Message
      assert.equal(Buffer.from(first.data), Buffer.of(0, 255))
      assert.equal(first.attributes['kind'], { type: 'String', value: 'order' })
      assert.equal(Buffer.from(first.attributes['raw']?.value ?? ''), Buffer.of(1))
      assert.equal([first.group, first.trace, first.receives, first.sequence], ['g', 'Root=1', 1, 0])
      const second = (await receiver.next()) as Message
      assert.equal(second.json(), { a: 1 })
      await second.delete()
      await receiver.close()
      const { messages } = await queue.peek()
      assert.equal(
        messages.map(({ state, receives }) => [state, receives]),
        [['in flight', 1]],
      )
      assert.is(await codeOf(queue.send({ data: 'x' })), 'group_required')
      assert.is(await codeOf(queue.send({ data: 'x', group: 'g', delayMillis: 5 })), 'delay_not_allowed')
      assert.is(await codeOf(queue.send({ data: 'x', group: '' })), 'invalid_field')
    }),
  )

  test(
    `${way}: a rejected message comes again, later where that is asked for, and what waited goes back when the receiver closes`,
    withClient(async (client, broker) => {
      const queue = client.queue('q')
      await queue.create()
      await queue.send('a')
      const receiver = queue.receive()
      await (await receiver.next())?.reject()
      const again = await receiver.next()
      assert.is(again?.receives, 2)
      await again?.reject({ delayMillis: 10_000 })
      const third = receiver.next()
      await broker.advance(10_000)
      assert.is((await third)?.receives, 3)
      await queue.send('b')
      await receiver.close()
      assert.is((await receiver.next())?.id, undefined)
      assert.equal((await queue.describe()).messages, { visible: 1, inFlight: 1, delayed: 0 })
    }, 'manual'),
  )

  test(
    `${way}: what goes back when a receiver closes is not sent to it again`,
    withClient(async (client) => {
      const queue = client.queue('q')
      await queue.create()
      await Promise.all(Array.from({ length: 20 }, (_, i) => queue.send(`${i}`)))
      const receiver = queue.receive({ prefetch: 100 })
      await receiver.next()
      await receiver.close()
      const { messages } = await queue.peek({ limit: 20 })
      assert.equal(
        messages.map(({ state, receives }) => [state, receives]),
        [['in flight', 1], ...Array.from({ length: 19 }, () => ['visible', 0])],
      )
    }),
  )

  for (const name of ['q', 'q.fifo']) {
    test(
      `${way}: what is on its way to a receiver of ${name} that closes comes to the next one`,
      withClient(async (client) => {
        const queue = client.queue(name)
        await queue.create()
        const sending: Promise<unknown>[] = []
        for (let round = 0; round < 20; round++) {
          const receiver = queue.receive({ prefetch: 100 })
          for (let i = 0; i < 5; i++) {
            const id = `${round}-${i}`
            sending.push(queue.send(name === 'q' ? id : { data: id, group: `g${i}`, deduplicationId: id }))
          }
          if (round % 2 === 0) await sending[round * 5]
          for (let turns = round % 4; turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve))
          await receiver.close()
        }
        await Promise.all(sending)
        assert.equal((await queue.describe()).messages, { visible: 100, inFlight: 0, delayed: 0 })
      }),
    )
  }

  test(
    `${way}: a message is kept invisible for as long as its handler runs`,
    withClient(async (client) => {
      const queue = client.queue('q')
      await queue.create()
      await queue.send('slow')
      const receiver = queue.receive({ visibilityMillis: 3_000 })
      const message = await receiver.next()
      const other = queue.receive({ visibilityMillis: 3_000 })
      const stolen = other.next()
      const first = await Promise.race([stolen, new Promise((resolve) => setTimeout(resolve, 4_500, 'nobody got it'))])
      assert.is(first, 'nobody got it')
      await message?.delete()
      await other.close()
      assert.is(await stolen, undefined)
      assert.equal((await queue.describe()).messages, { visible: 0, inFlight: 0, delayed: 0 })
    }),
  )

  test(
    `${way}: run deletes what was handled and gives back what failed`,
    withClient(async (client) => {
      await client.queue('dead').create()
      const queue = client.queue('q')
      await queue.create({ deadLetter: { queue: 'dead', maxReceives: 2 } })
      await Promise.all(['1', 'bad', '2', '3'].map((text) => queue.send(text)))
      const stopping = new AbortController()
      const handled: string[] = []
      const failed: number[] = []
      const running = queue.run(
        (message) => {
          if (message.text() === 'bad') throw new Error('it is bad')
          handled.push(message.text())
        },
        { signal: stopping.signal, concurrency: 2, onError: (_error, { receives }) => failed.push(receives) },
      )
      const dead = client.queue('dead').receive()
      assert.is((await dead.next())?.text(), 'bad')
      stopping.abort()
      await running
      assert.equal(handled.sort(), ['1', '2', '3'])
      assert.equal(failed, [1, 2])
      await dead.close()
    }),
  )

  test(
    `${way}: dead letters are moved back, and purged`,
    withClient(async (client) => {
      const dead = client.queue('dead')
      await dead.create()
      await client.queue('other').create()
      await Promise.all(Array.from({ length: 30 }, (_, i) => dead.send(`${i}`)))
      const task = await dead.startMove({ destination: 'other' })
      for (;;) {
        const [now] = await dead.moves()
        assert.is(now?.id, task.id)
        if (now?.status !== 'running') break
        await new Promise((resolve) => setImmediate(resolve))
      }
      assert.is((await client.queue('other').describe()).messages.visible, 30)
      assert.is(await codeOf(dead.cancelMove(task.id)), 'task_ended')
      await client.queue('other').purge()
      assert.is((await client.queue('other').describe()).messages.visible, 0)
    }),
  )
}

test('a client outlives the restart of its broker: what is unanswered is sent again, receiving goes on', async () => {
  const { mkdtemp, rm } = await import('node:fs/promises')
  const { tmpdir } = await import('node:os')
  const { join } = await import('node:path')
  const data = await mkdtemp(join(tmpdir(), 'millrace-test-'))
  let broker = await createBroker({ data, port: 0 })
  const port = Number(new URL(broker.url as string).port)
  const client = await connect(broker.url as string)
  try {
    const queue = client.queue('q.fifo')
    await queue.create({ contentBasedDeduplication: true })
    const receiver = queue.receive()
    await queue.send({ data: 'before', group: 'g' })
    const before = await receiver.next()
    assert.is(before?.text(), 'before')
    await broker.close()
    const sending = queue.send({ data: 'meanwhile', group: 'g' })
    const settling = before?.delete()
    broker = await createBroker({ data, port })
    await Promise.all([sending, settling])
    assert.is((await receiver.next())?.text(), 'meanwhile')
    await receiver.close()
  } finally {
    await client.close()
    await broker.close()
    await rm(data, { recursive: true, force: true })
  }
})

test.run()
