import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createBroker, type EmbeddedBroker } from '../../broker/index.ts'
import { type Client, type ConsumedRecord, MillraceError, type Subscription } from '../../client/index.ts'

/** What every transport must do. `open` gives a client of `broker`, which listens when `listens` says so. */
export interface ClientSuiteOptions {
  readonly name: string
  readonly listens: boolean
  readonly open: (broker: EmbeddedBroker) => Promise<Client>
}

type Body = (client: Client, broker: EmbeddedBroker) => Promise<void>

/** Takes `count` records and ends the subscription. */
async function take(subscription: Subscription, count: number): Promise<ConsumedRecord[]> {
  const records: ConsumedRecord[] = []
  if (count === 0) return records
  for await (const batch of subscription) {
    records.push(...batch.records)
    if (records.length >= count) break
  }
  return records
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no error',
    (error: unknown) => (error instanceof MillraceError ? error.code : `not a MillraceError: ${String(error)}`),
  )
}

/** Runs the whole suite for one transport. */
export function testClient({ name, listens, open }: ClientSuiteOptions): void {
  const test = suite(`client over ${name}`)

  const withClient = (body: Body) => async () => {
    const broker = await createBroker({ memory: true, ...(listens ? { port: 0 } : {}) })
    const client = await open(broker)
    try {
      await body(client, broker)
    } finally {
      await client.close()
      await broker.close()
    }
  }

  test(
    'a stream is created, described, changed, listed and deleted',
    withClient(async (client) => {
      const orders = client.stream('orders')
      const created = await orders.create({ shards: 3, retentionMillis: 60_000 })
      assert.is(created.shards.length, 3)
      assert.is((await orders.describe()).retentionMillis, 60_000)
      assert.is((await orders.update({ retentionMillis: 120_000 })).retentionMillis, 120_000)
      await client.stream('other').create()
      assert.equal(
        (await client.streams()).map((each) => each.name),
        ['orders', 'other'],
      )
      await orders.delete()
      assert.is(await codeOf(orders.describe()), 'stream_not_found')
    }),
  )

  test(
    'creating what exists is refused, unless it is asked for only if missing',
    withClient(async (client) => {
      await client.stream('s').create({ shards: 2 })
      assert.is(await codeOf(client.stream('s').create()), 'stream_exists')
      assert.is((await client.stream('s').create({ ifMissing: true })).shards.length, 2)
    }),
  )

  test(
    'each put resolves with the place its record is read from, bytes, headers and all',
    withClient(async (client) => {
      const stream = client.stream('s')
      await stream.create({ shards: 4 })
      const data = Uint8Array.from({ length: 256 }, (_, i) => i)
      const puts = Array.from({ length: 200 }, (_, i) => stream.put({ key: `key-${i}`, data, headers: { i: `${i}` } }))
      const results = await Promise.all(puts)
      const read = await take(stream.subscribe(), 200)
      const places = new Map(read.map((record) => [`${record.shard}/${record.sequence}`, record]))
      for (const [i, { shard, sequence, time }] of results.entries()) {
        const record = places.get(`${shard}/${sequence}`)
        assert.is(record?.key, `key-${i}`)
        assert.equal(record?.headers, { i: `${i}` })
        assert.equal(new Uint8Array(record?.data ?? []), data)
        assert.is(record?.time, time)
      }
    }),
  )

  test(
    'puts on one stream share a session, however often its handle is asked for',
    withClient(async (client) => {
      await client.stream('s').create()
      for (let i = 0; i < 5; i++) await client.stream('s').put({ key: 'k', data: `${i}` })
      assert.is((await client.inspect()).longStreams, 1)
    }),
  )

  test(
    'records of one key stay in the order they were put',
    withClient(async (client) => {
      const stream = client.stream('s')
      await stream.create({ shards: 8 })
      const keys = ['a', 'b', 'c', 'd', 'e']
      await Promise.all(Array.from({ length: 500 }, (_, i) => stream.put({ key: keys[i % 5] as string, data: `${i}` })))
      const seen = new Map<string, number>()
      for (const record of await take(stream.subscribe(), 500)) {
        const value = Number(record.text())
        assert.ok(value > (seen.get(record.key) ?? -1))
        seen.set(record.key, value)
      }
    }),
  )

  test(
    'a hash key chooses the shard, whatever the partition key',
    withClient(async (client) => {
      const stream = client.stream('s')
      await stream.create({ shards: 2 })
      assert.is((await stream.put({ key: 'k', data: '', hashKey: 0n })).shard, 0)
      assert.is((await stream.put({ key: 'k', data: '', hashKey: 2n ** 128n - 1n })).shard, 1)
    }),
  )

  test(
    'bad puts are refused at once, alone, with the field named',
    withClient(async (client) => {
      const stream = client.stream('s')
      await stream.create({ recordBytesMax: 1000 })
      const good = stream.put({ key: 'k', data: 'good' })
      assert.is(await codeOf(stream.put({ key: '', data: 'x' })), 'invalid_field')
      assert.is(await codeOf(stream.put({ key: 'é'.repeat(513), data: 'x' })), 'invalid_field')
      assert.is(await codeOf(stream.put({ key: 'k', data: 5 as unknown as string })), 'invalid_field')
      assert.is(await codeOf(stream.put({ key: 'k', data: '', hashKey: 2n ** 128n })), 'invalid_field')
      assert.is(await codeOf(stream.put({ key: 'k', data: 'x'.repeat(1000) })), 'record_too_large')
      assert.is((await good).sequence, 0)
      assert.is((await stream.put({ key: 'k', data: 'after' })).sequence, 1)
    }),
  )

  test(
    'putting on a stream that does not exist is refused, and works once it does',
    withClient(async (client) => {
      const stream = client.stream('late')
      assert.is(await codeOf(stream.put({ key: 'k', data: 'x' })), 'stream_not_found')
      await stream.create()
      assert.is((await stream.put({ key: 'k', data: 'x' })).sequence, 0)
    }),
  )

  test(
    'a large record arrives as it was put',
    withClient(async (client) => {
      const stream = client.stream('s')
      await stream.create({ recordBytesMax: 10 * 1024 * 1024 })
      const data = new Uint8Array(10 * 1024 * 1024 - 1).fill(7)
      await stream.put({ key: 'k', data })
      await stream.put({ key: 'k', data: 'small' })
      const [large, small] = await take(stream.subscribe(), 2)
      assert.is(Buffer.compare(large?.data ?? new Uint8Array(0), data), 0)
      assert.is(small?.text(), 'small')
    }),
  )

  test(
    'a producer waits for room when asked, and flush waits for all that was put',
    withClient(async (client) => {
      const stream = client.stream('s')
      await stream.create()
      const producer = stream.producer({ inFlightBytesMax: 100_000, blockBytes: 10_000 })
      let settled = 0
      for (let i = 0; i < 500; i++) {
        await producer.ready()
        producer.put({ key: 'k', data: new Uint8Array(1000) }).then(() => settled++)
      }
      await producer.flush()
      await Promise.resolve()
      assert.is(settled, 500)
      await producer.close()
      assert.is(await codeOf(producer.put({ key: 'k', data: '' })), 'cancelled')
      assert.is((await stream.describe()).shards[0]?.next, 500)
    }),
  )

  test(
    'a producer nobody waits for refuses instead of growing without end',
    withClient(async (client) => {
      const stream = client.stream('s')
      await stream.create()
      const producer = stream.producer({ inFlightBytesMax: 10_000 })
      const puts = Array.from({ length: 100 }, () => codeOf(producer.put({ key: 'k', data: new Uint8Array(1000) })))
      const codes = await Promise.all(puts)
      assert.ok(codes.includes('throttled'))
      assert.is(
        codes.filter((code) => code === 'no error').length + codes.filter((code) => code === 'throttled').length,
        100,
      )
    }),
  )

  test(
    'reading begins at horizon, at the tip, at a time or at sequences',
    withClient(async (client) => {
      const stream = client.stream('s')
      await stream.create()
      for (let i = 0; i < 10; i++) await stream.put({ key: 'k', data: `${i}` })
      const latest = stream.subscribe({ from: 'latest' })
      const first = async (subscription: Subscription) => (await take(subscription, 1))[0]?.text()
      assert.is(await first(stream.subscribe({ from: 'horizon' })), '0')
      assert.is(await first(stream.subscribe({ from: { sequences: { 0: 4 } } })), '4')
      assert.is(await first(stream.subscribe({ from: new Date(0) })), '0')
      const tip = latest.next()
      // The tip was read before this put was sent: both go over the same connection or process, in order.
      await stream.describe()
      await stream.put({ key: 'k', data: 'new' })
      assert.is([...((await tip)?.records ?? [])][0]?.text(), 'new')
      await latest.close()
    }),
  )

  test(
    'a consumer goes on behind its checkpoint',
    withClient(async (client) => {
      const stream = client.stream('s')
      await stream.create()
      for (let i = 0; i < 10; i++) await stream.put({ key: 'k', data: `${i}` })
      for await (const batch of stream.subscribe({ consumer: 'c' })) {
        await batch.checkpoint()
        break
      }
      const { next, lag } = (await stream.consumer('c')).shards[0] ?? { next: -1, lag: -1 }
      assert.is(next + lag, 10)
      await stream.checkpoint('c', { 0: 7 })
      const rest = await take(stream.subscribe({ consumer: 'c' }), 3)
      assert.equal(
        rest.map((record) => record.text()),
        ['7', '8', '9'],
      )
      await stream.deleteConsumer('c')
      assert.is(await codeOf(stream.consumer('c')), 'consumer_not_found')
    }),
  )

  test(
    'a checkpoint without a consumer name says what is missing',
    withClient(async (client) => {
      const stream = client.stream('s')
      await stream.create()
      await stream.put({ key: 'k', data: 'x' })
      for await (const batch of stream.subscribe()) {
        assert.is(await codeOf(batch.checkpoint()), 'bad_request')
        break
      }
    }),
  )

  test(
    'splits and merges under a producer and a subscription lose nothing and keep each key in order',
    withClient(async (client) => {
      const stream = client.stream('s')
      await stream.create({ shards: 2 })
      const total = 600
      const reading = take(stream.subscribe(), total)
      for (let i = 0; i < total; i++) {
        const put = stream.put({ key: `k${i % 7}`, data: `${i}` })
        if (i === 150) await stream.split(0)
        if (i === 300) await stream.merge(2, 3)
        if (i % 50 === 0) await put
      }
      const last = new Map<string, number>()
      for (const record of await reading) {
        const value = Number(record.text())
        assert.ok(value > (last.get(record.key) ?? -1), `${record.key}: ${value} after ${last.get(record.key)}`)
        last.set(record.key, value)
      }
    }),
  )

  test(
    'a subscription to chosen shards ends when they are read to their ends',
    withClient(async (client) => {
      const stream = client.stream('s')
      await stream.create()
      await stream.put({ key: 'k', data: 'x' })
      await stream.split(0)
      let records = 0
      for await (const batch of stream.subscribe({ shards: [0] })) records += batch.count
      assert.is(records, 1)
    }),
  )

  test(
    'a subscription is ended by its signal, without an error',
    withClient(async (client) => {
      const stream = client.stream('s')
      await stream.create()
      const controller = new AbortController()
      const subscription = stream.subscribe({ signal: controller.signal })
      const reading = take(subscription, 1)
      controller.abort()
      assert.equal(await reading, [])
      assert.is(await subscription.next(), undefined)
    }),
  )

  test(
    'deleting a stream ends its subscriptions with stream_not_found',
    withClient(async (client) => {
      const stream = client.stream('s')
      await stream.create()
      await stream.put({ key: 'k', data: 'x' })
      const subscription = stream.subscribe()
      assert.is((await subscription.next())?.count, 1)
      const next = codeOf(subscription.next())
      await stream.delete()
      assert.is(await next, 'stream_not_found')
    }),
  )

  test(
    'subscribing to what is not there is refused',
    withClient(async (client) => {
      assert.is(await codeOf(client.stream('none').subscribe().next()), 'stream_not_found')
      await client.stream('s').create()
      assert.is(
        await codeOf(
          client
            .stream('s')
            .subscribe({ shards: [9] })
            .next(),
        ),
        'shard_not_found',
      )
    }),
  )

  test(
    'a loop that is slow gets everything, and the broker holds nothing for it',
    withClient(async (client) => {
      const stream = client.stream('s')
      await stream.create()
      const subscription = stream.subscribe()
      const data = new Uint8Array(100_000)
      for (let round = 0; round < 5; round++) {
        await Promise.all(Array.from({ length: 40 }, (_, i) => stream.put({ key: `${i}`, data })))
      }
      assert.is((await take(subscription, 200)).length, 200)
    }),
  )

  test(
    'a page of records is read by shard, with the place to read on from',
    withClient(async (client) => {
      const stream = client.stream('s')
      await stream.create()
      for (let i = 0; i < 5; i++) await stream.put({ key: 'k', data: `${i}` })
      const page = await stream.read({ shard: 0, limit: 2 })
      assert.equal(
        page.records.map((record) => record.text()),
        ['0', '1'],
      )
      const rest = await stream.read({ shard: 0, from: page.next })
      assert.equal(
        rest.records.map((record) => record.text()),
        ['2', '3', '4'],
      )
      assert.is(rest.behindMillis, 0)
    }),
  )

  test(
    'a group shares the shards out, handles every record, and checkpoints behind them',
    withClient(async (client) => {
      const stream = client.stream('s')
      await stream.create({ shards: 6 })
      const stop = new AbortController()
      const handled = new Map<string, string>()
      const member = (name: string) =>
        stream.group('g', { member: name }).run(
          (record) => {
            assert.not(handled.has(record.text()), 'handled twice')
            handled.set(record.text(), name)
            if (handled.size === 600) stop.abort()
          },
          { signal: stop.signal },
        )
      const running = Promise.all([member('a'), member('b'), member('c')])
      for (let i = 0; i < 600; i++) {
        const put = stream.put({ key: `k${i}`, data: `${i}` })
        if (i % 20 === 0) await put
      }
      await running
      assert.is(handled.size, 600)
      const lags = (await stream.consumer('g')).shards.map(({ lag }) => lag)
      assert.equal(lags, [0, 0, 0, 0, 0, 0])
    }),
  )

  test(
    'when a handler throws, run rejects with its error, and the record is not checkpointed',
    withClient(async (client) => {
      const stream = client.stream('s')
      await stream.create()
      await Promise.all(Array.from({ length: 10 }, (_, i) => stream.put({ key: 'k', data: `${i}` })))
      const run = stream.group('g').run((record) => {
        if (record.text() === '6') throw new Error('six is bad')
      })
      const error = await run.then(
        () => undefined,
        (reason: unknown) => reason,
      )
      assert.is((error as Error).message, 'six is bad')
      assert.is((await stream.consumer('g')).shards[0]?.next, 6)
    }),
  )

  test(
    'a member that comes later gets its share, and one that leaves gives its share back',
    withClient(async (client) => {
      const stream = client.stream('s')
      await stream.create({ shards: 4 })
      const first = stream.group('g', { leaseMillis: 1_000 })
      const running = first.run(() => undefined)
      const until = async (check: () => boolean) => {
        while (!check()) await new Promise((resolve) => setTimeout(resolve, 5))
      }
      await until(() => first.shards.length === 4)
      const second = stream.group('g', { leaseMillis: 1_000 })
      const alsoRunning = second.run(() => undefined)
      await until(() => first.shards.length === 2 && second.shards.length === 2)
      assert.equal([...first.shards, ...second.shards].sort(), [0, 1, 2, 3])
      await second.close()
      await alsoRunning
      await until(() => first.shards.length === 4)
      await first.close()
      await running
    }),
  )

  test(
    'a group reads a split shard to its end before its children',
    withClient(async (client) => {
      const stream = client.stream('s')
      await stream.create()
      const stop = new AbortController()
      const order: string[] = []
      for (let i = 0; i < 50; i++) await stream.put({ key: 'k', data: `${i}` })
      await stream.split(0)
      for (let i = 50; i < 100; i++) await stream.put({ key: 'k', data: `${i}` })
      await stream.group('g', { leaseMillis: 1_000 }).run(
        (record) => {
          order.push(record.text())
          if (order.length === 100) stop.abort()
        },
        { signal: stop.signal },
      )
      assert.equal(
        order,
        Array.from({ length: 100 }, (_, i) => `${i}`),
      )
    }),
  )

  test(
    'closing the client settles what was put, and ends what was opened',
    withClient(async (_client, broker) => {
      const client = await open(broker)
      const stream = client.stream('s')
      await stream.create()
      const put = stream.put({ key: 'k', data: 'x' })
      const subscription = stream.subscribe()
      const group = stream.group('g').run(() => undefined)
      await client.close()
      assert.is((await put).sequence, 0)
      assert.is(await subscription.next(), undefined)
      await group
    }),
  )

  test.run()
}
