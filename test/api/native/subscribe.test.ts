import * as assert from 'uvu/assert'
import { bothVersions, type Door, ticking, turns, until, withBroker, within, withWall } from '../../server/harness.ts'
import { Http1Client, Http2Client, type RawClient } from '../../server/raw-client.ts'
import { RawReader } from '../../server/raw-streams.ts'
import { suite } from '../../suite.ts'

const test = suite('native API: subscriptions')

async function put(client: RawClient, ...texts: string[]): Promise<void> {
  const records = texts.map((text) => ({ key: 'k', text }))
  const answer = await client.ask('POST', '/v1/streams/s/records', { body: { records } })
  assert.is(answer.status, 200)
}

async function putTo(client: RawClient, hashKey: string, ...texts: string[]): Promise<void> {
  const records = texts.map((text) => ({ key: 'k', text, hashKey }))
  await client.ask('POST', '/v1/streams/s/records', { body: { records } })
}

async function subscribe(client: RawClient, body: object = {}): Promise<RawReader> {
  const stream = client.open('/v1/streams/s/subscribe', { body })
  assert.is(await within(stream.status, 'an answer'), 200, stream.refusal.toString())
  assert.is(stream.headers['content-type'], 'application/vnd.millrace.frames')
  return new RawReader(stream)
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `${from + i}`)

bothVersions(
  test,
  'a shard begins with its position; what is put later is pushed, each record once',
  async (client) => {
    await client.ask('PUT', '/v1/streams/s')
    await put(client, ...numbers(0, 5))
    const all = await subscribe(client)
    const latest = await subscribe(client, { from: 'latest' })
    await all.has(5)
    await latest.sees('position')
    for (let i = 5; i < 20; i++) await put(client, `${i}`)
    await all.has(20)
    await latest.has(15)
    assert.equal(all.of(0), numbers(0, 20))
    assert.equal(latest.of(0), numbers(5, 20))
    assert.equal([all.events, latest.events], [['position 0 0'], ['position 0 5']])
    all.stream.cut()
    latest.stream.cut()
  },
)

bothVersions(
  test,
  'reading starts where it is told to: a time, sequences, and for the rest the horizon',
  async (client, { clock }) => {
    await client.ask('PUT', '/v1/streams/s', { body: { shards: 2 } })
    const high = `${2n ** 127n}`
    for (let i = 0; i < 4; i++) {
      await putTo(client, '0', `a${i}`)
      await putTo(client, high, `b${i}`)
      await clock.advance(1_000)
    }
    const readers = {
      time: await subscribe(client, { from: { time: clock.now() - 2_000 } }),
      sequences: await subscribe(client, { from: { sequences: { 1: 3 } } }),
      one: await subscribe(client, { shards: [1], from: { sequences: { 1: 2 } } }),
    }
    await readers.time.has(4)
    await readers.sequences.has(5)
    await readers.one.has(2)
    assert.equal(
      [readers.time.of(0), readers.time.of(1)],
      [
        ['a2', 'a3'],
        ['b2', 'b3'],
      ],
    )
    assert.equal([readers.sequences.of(0), readers.sequences.of(1)], [['a0', 'a1', 'a2', 'a3'], ['b3']])
    assert.equal([readers.one.of(0), readers.one.of(1)], [[], ['b2', 'b3']])
    for (const each of Object.values(readers)) each.stream.cut()
  },
)

bothVersions(test, "a position inside a block: the client skips the block's first records", async (client) => {
  await client.ask('PUT', '/v1/streams/s')
  await put(client, ...numbers(0, 10))
  const reader = await subscribe(client, { from: { sequences: { 0: 7 } } })
  await reader.has(3)
  assert.equal(reader.of(0), ['7', '8', '9'])
  reader.stream.cut()
})

bothVersions(test, 'a consumer starts at its checkpoints, and where it has none, where it says', async (client) => {
  await client.ask('PUT', '/v1/streams/s', { body: { shards: 2 } })
  const high = `${2n ** 127n}`
  await putTo(client, '0', ...numbers(0, 5))
  await putTo(client, high, ...numbers(0, 5))
  const checkpoint = { body: { shards: { 0: { next: 3 } } } }
  await client.ask('POST', '/v1/streams/s/consumers/billing/checkpoints', checkpoint)
  const reader = await subscribe(client, { consumer: 'billing', from: 'latest' })
  await reader.has(2)
  await putTo(client, high, 'new')
  await reader.has(3)
  assert.equal([reader.of(0), reader.of(1)], [['3', '4'], ['new']])
  reader.stream.cut()
})

bothVersions(test, 'what was read before is not read again by who resumes with sequences', async (client) => {
  await client.ask('PUT', '/v1/streams/s', { body: { shards: 3 } })
  const seen: string[] = []
  let sequences: Record<string, number> = {}
  for (let round = 0; round < 5; round++) {
    for (let shard = 0n; shard < 3n; shard++) {
      await putTo(client, `${(shard * 2n ** 128n) / 3n + 1n}`, `${round}/${shard}`)
    }
    const reader = await subscribe(client, { from: { sequences } })
    await reader.has(3)
    seen.push(...reader.records.map(({ data }) => data))
    sequences = Object.fromEntries(reader.positions)
    reader.stream.cut()
  }
  assert.is(seen.length, 15)
  assert.is(new Set(seen).size, 15)
})

bothVersions(
  test,
  'a shard that was split is read to its end, which names its children, and then they are',
  async (client) => {
    await client.ask('PUT', '/v1/streams/s')
    await put(client, 'before')
    const live = await subscribe(client)
    await live.has(1)
    await client.ask('POST', '/v1/streams/s/split', { body: { shard: 0 } })
    await live.sees('end 0')
    await putTo(client, '0', 'low')
    await putTo(client, `${2n ** 127n}`, 'high')
    await live.has(3)
    await client.ask('POST', '/v1/streams/s/merge', { body: { shard: 1, with: 2 } })
    await put(client, 'merged')
    await live.has(4)
    const late = await subscribe(client)
    await late.has(4)
    for (const reader of [live, late]) {
      assert.equal(reader.events.slice(0, 2), ['position 0 0', 'end 0 1,2'])
      const ends = reader.events.filter((event) => event.startsWith('end')).sort()
      assert.equal(ends, ['end 0 1,2', 'end 1 3', 'end 2 3'])
      assert.is(reader.events.at(-1), 'position 3 0', 'the child begins when both its parents are read')
      assert.equal(
        [0, 1, 2, 3].map((shard) => reader.of(shard)),
        [['before'], ['low'], ['high'], ['merged']],
      )
      reader.stream.cut()
    }
    const chosen = await subscribe(client, { shards: [0] })
    await chosen.sees('end 0 1,2')
    await turns()
    assert.equal(chosen.events, ['position 0 0', 'end 0 1,2'], 'who chose shards gets those')
    chosen.stream.cut()
  },
)

bothVersions(
  test,
  'a heartbeat comes when nothing else did, and says how far the reader is',
  async (client, { clock }) => {
    await client.ask('PUT', '/v1/streams/s')
    await put(client, 'x')
    const reader = await subscribe(client, { heartbeatMillis: 1_000 })
    await reader.has(1)
    const pass = async (millis: number) => {
      await clock.advance(millis)
      await turns()
    }
    await pass(1_000)
    assert.is(reader.heartbeats.length, 0, 'there were records in that second')
    await pass(1_000)
    await reader.sees('heartbeat')
    assert.equal(reader.heartbeats, [{ time: clock.now(), shards: [[0, 1, 0]] }])
    await put(client, 'y')
    await reader.has(2)
    await pass(1_000)
    assert.is(reader.heartbeats.length, 1)
    for (let i = 0; i < 5; i++) await pass(1_000)
    await until(() => reader.heartbeats.length === 6, 'a heartbeat a second')
    assert.equal(reader.heartbeats.at(-1), { time: clock.now(), shards: [[0, 2, 0]] })
    reader.stream.cut()
  },
)

bothVersions(test, 'what is asked wrongly is refused with a status, before any frame', async (client) => {
  await client.ask('PUT', '/v1/streams/s')
  const cases: [object | string, number, string][] = [
    ['none', 404, 'stream_not_found'],
    [{ from: 'now' }, 400, 'invalid_field'],
    [{ from: { time: 1, sequences: {} } }, 400, 'invalid_field'],
    [{ from: {} }, 400, 'invalid_field'],
    [{ from: { sequences: { x: 1 } } }, 400, 'invalid_field'],
    [{ from: { sequences: { 0: -1 } } }, 400, 'invalid_field'],
    [{ shards: [9] }, 404, 'shard_not_found'],
    [{ shards: ['0'] }, 400, 'invalid_field'],
    [{ heartbeatMillis: 1 }, 400, 'invalid_field'],
    [{ consumer: 'not a name' }, 400, 'invalid_field'],
    [{ consumers: 'x' }, 400, 'invalid_field'],
  ]
  for (const [body, status, code] of cases) {
    const path = typeof body === 'string' ? `/v1/streams/${body}/subscribe` : '/v1/streams/s/subscribe'
    const stream = client.open(path, { body })
    assert.is(await stream.status, status, JSON.stringify(body))
    await within(stream.ended, 'the answer ends')
    assert.is(JSON.parse(stream.refusal.toString()).code, code, JSON.stringify(body))
  }
})

bothVersions(
  test,
  'a reader that stops taking is not pushed to, costs the broker a position, and gets all when it comes back',
  async (client, { main }) => {
    await client.ask('PUT', '/v1/streams/s')
    const stalled = await subscribe(client)
    const lively = await subscribe(client)
    await stalled.sees('position')
    stalled.stream.pause()
    const text = 'x'.repeat(50_000)
    for (let i = 0; i < 300; i++) await put(client, `${i} ${text}`)
    await lively.has(300)
    await turns()
    assert.ok(stalled.records.length < 300, `${stalled.records.length} of 300`)
    stalled.stream.resume()
    await stalled.has(300)
    assert.equal(
      stalled.of(0).map((each) => each.split(' ')[0]),
      numbers(0, 300),
    )
    assert.is(main.broker.longStreams, 2)
    stalled.stream.cut()
    lively.stream.cut()
    await until(() => main.broker.longStreams === 0, 'both are forgotten')
  },
  {},
  { limits: { tailBytesMax: 500_000, readBytesMax: 100_000 } },
)

for (const Client of [Http1Client, Http2Client]) {
  test(`who takes nothing for too long is cut off, and nothing of it is left (${Client.version})`, () =>
    withWall(async ({ main, url, clock }, wall) => {
      const writer = new Http2Client(url)
      await writer.ask('PUT', '/v1/streams/s')
      const client = new Client(url)
      const reader = await subscribe(client, { heartbeatMillis: 10_000 })
      await reader.sees('position')
      reader.stream.pause()
      for (let i = 0; i < 300; i++) await put(writer, 'x'.repeat(50_000))
      await turns()
      for (let i = 0; i < 40; i++) {
        await clock.advance(10_000)
        await turns()
      }
      await ticking(
        wall,
        until(() => main.broker.longStreams === 0, 'it is cut off'),
        30,
      )
      client.close()
      writer.close()
    }))
}

bothVersions(
  test,
  'readers of a stream that is deleted are told, and the connection is good for more',
  async (client, { main }) => {
    await client.ask('PUT', '/v1/streams/s')
    const reader = await subscribe(client)
    await reader.sees('position')
    await client.ask('DELETE', '/v1/streams/s')
    await reader.sees('error stream_not_found')
    await within(reader.over, 'it ends')
    assert.is((await client.ask('GET', '/healthz')).status, 200)
    await until(() => main.broker.longStreams === 0, 'it is forgotten')
  },
)

bothVersions(test, 'a subscription and the deletion of its stream may come in any order', async (client, { main }) => {
  for (let i = 0; i < 20; i++) {
    await client.ask('PUT', '/v1/streams/s', { body: { shards: 4 } })
    await put(client, 'x')
    const stream = client.open('/v1/streams/s/subscribe', { body: {} })
    for (let turn = 0; turn < i; turn++) await turns(1)
    const deleted = client.ask('DELETE', '/v1/streams/s')
    const status = await within(stream.status, 'an answer')
    if (status === 200) await new RawReader(stream).sees('error stream_not_found')
    else assert.is(status, 404)
    assert.is((await deleted).status, 204)
  }
  await until(() => main.broker.longStreams === 0, 'all are forgotten')
})

bothVersions(test, 'a reader that goes away is forgotten, at whatever moment it goes', async (client, { main }) => {
  await client.ask('PUT', '/v1/streams/s')
  await put(client, ...numbers(0, 100))
  for (let i = 0; i < 20; i++) {
    const stream = client.open('/v1/streams/s/subscribe', { body: {} })
    await turns(i)
    stream.cut()
  }
  await until(() => main.broker.longStreams === 0, 'all are forgotten')
  await put(client, 'more')
})

/** Everything a reader gets from a broker that goes away while records are being put. */
async function drainUnderLoad(client: RawClient, { main }: Door): Promise<void> {
  await client.ask('PUT', '/v1/streams/s')
  const reader = await subscribe(client)
  await reader.sees('position')
  let acknowledged = 0
  const putting = (async () => {
    for (let i = 0; ; i++) {
      const body = { records: [{ key: 'k', text: `${i}` }] }
      const answer = await client.ask('POST', '/v1/streams/s/records', { body }).catch(() => undefined)
      if (answer?.status !== 200) return
      acknowledged++
    }
  })()
  await until(() => acknowledged >= 20, 'some were put')
  const before = acknowledged
  const closing = main.close()
  await within(reader.over, 'the subscription ends')
  assert.is(reader.events.at(-1), 'drain')
  assert.ok(reader.records.length >= before, 'what was acknowledged before is delivered')
  await within(Promise.all([closing, putting]), 'closed')
}

bothVersions(test, 'when the broker goes away, a reader gets all that was before, and a drain frame', drainUnderLoad)

test('a reader that is stalled does not hold up a broker that goes away for longer than the limit', () =>
  withWall(async ({ main, url }, wall) => {
    const client = new Http2Client(url)
    await client.ask('PUT', '/v1/streams/s')
    const reader = await subscribe(client)
    await reader.sees('position')
    reader.stream.pause()
    for (let i = 0; i < 120; i++) await put(client, 'x'.repeat(50_000))
    await ticking(wall, main.close(), 30)
    client.close()
  }))

test('no new long stream is taken while the broker goes away', () =>
  withBroker(async ({ main, url }) => {
    const client = new Http2Client(url)
    await client.ask('PUT', '/v1/streams/s')
    const stream = client.open('/v1/streams/s/append')
    await stream.status
    stream.pause()
    const closing = main.close()
    const late = ['subscribe', 'append'].map((path) =>
      client.open(`/v1/streams/s/${path}`, path === 'append' ? {} : { body: {} }),
    )
    const health = client.ask('GET', '/healthz')
    for (const each of late) assert.is(await within(each.status, 'an answer'), 503)
    assert.is((await health).status, 503)
    stream.resume()
    await within(closing, 'closed')
    client.close()
  }))

test.run()
