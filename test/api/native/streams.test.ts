import * as assert from 'uvu/assert'
import { hashKeyMax } from '../../../broker/wire/hash-range.ts'
import { everyWay } from '../../server/harness.ts'
import { suite } from '../../suite.ts'

const test = suite('native API: streams')

everyWay(test, 'the broker says what it is, and that it is well', async (client) => {
  const health = await client.ask('GET', '/healthz')
  assert.is(health.status, 200)
  assert.equal(health.value, { status: 'ok' })
  const info = await client.ask('GET', '/v1')
  assert.is(info.status, 200)
  assert.equal(Object.keys(info.value as object), ['name', 'version', 'clock', 'limits', 'now'])
  assert.equal(
    [info.at('name'), info.at('clock'), info.at('limits'), info.at('now')],
    ['millrace', 'manual', 'relaxed', 1_767_225_600_000],
  )
  const type = client.encoding === 'JSON' ? 'application/json' : 'application/msgpack'
  assert.is(info.headers['content-type'], type)
})

everyWay(test, 'a stream is created, described, changed, listed and deleted', async (client, { clock }) => {
  const created = await client.ask('PUT', '/v1/streams/orders', { body: { shards: 2, retentionMillis: 5_000 } })
  assert.is(created.status, 201)
  const half = 2n ** 127n
  const shard = { status: 'open', parents: [], children: [], first: 0, next: 0 }
  const description = {
    name: 'orders',
    number: 1,
    status: 'active',
    createdAt: clock.now(),
    retentionMillis: 5_000,
    recordBytesMax: 1024 * 1024,
    shards: [
      { shard: 0, ...shard, hashRange: { start: '0', end: `${half - 1n}` } },
      { shard: 1, ...shard, hashRange: { start: `${half}`, end: `${hashKeyMax}` } },
    ],
  }
  assert.equal(created.value, description)
  assert.equal((await client.ask('GET', '/v1/streams/orders')).value, description)
  const changed = await client.ask('PATCH', '/v1/streams/orders', { body: { recordBytesMax: 100 } })
  assert.is(changed.status, 200)
  assert.equal(changed.value, { ...description, recordBytesMax: 100 })
  const { shards: _, ...summary } = { ...description, recordBytesMax: 100, openShards: 2 }
  assert.equal((await client.ask('GET', '/v1/streams')).value, { streams: [summary] })
  const deleted = await client.ask('DELETE', '/v1/streams/orders')
  assert.equal([deleted.status, deleted.bytes.length], [204, 0])
  const gone = await client.ask('GET', '/v1/streams/orders')
  assert.equal([gone.status, gone.at('code')], [404, 'stream_not_found'])
})

everyWay(test, 'a stream has its defaults without a body', async (client) => {
  const created = await client.ask('PUT', '/v1/streams/plain')
  assert.is(created.status, 201)
  assert.equal([created.at('retentionMillis'), created.at('recordBytesMax')], [86_400_000, 1_048_576])
  assert.is((created.at('shards') as unknown[]).length, 1)
})

everyWay(test, 'streams are listed by name, page by page', async (client) => {
  for (const name of ['c', 'a', 'e', 'b', 'd']) await client.ask('PUT', `/v1/streams/${name}`)
  const names: string[] = []
  let after = ''
  for (let pages = 1; ; pages++) {
    const page = await client.ask('GET', `/v1/streams?limit=2${after}`)
    names.push(...(page.at('streams') as { name: string }[]).map(({ name }) => name))
    if (page.at('next') === undefined) {
      assert.is(pages, 3)
      break
    }
    after = `&after=${page.at('next')}`
  }
  assert.equal(names, ['a', 'b', 'c', 'd', 'e'])
})

everyWay(test, 'shards split and merge, and each answer is the description', async (client) => {
  await client.ask('PUT', '/v1/streams/s')
  const split = await client.ask('POST', '/v1/streams/s/split', { body: { shard: 0, at: '1000' } })
  assert.is(split.status, 200)
  assert.equal([split.at('shards', 0, 'status'), split.at('shards', 0, 'children')], ['closed', [1, 2]])
  assert.equal(split.at('shards', 1, 'hashRange'), { start: '0', end: '999' })
  assert.equal([split.at('shards', 1, 'parents'), split.at('shards', 2, 'status')], [[0], 'open'])
  const merged = await client.ask('POST', '/v1/streams/s/merge', { body: { shard: 1, with: 2 } })
  assert.is(merged.status, 200)
  assert.equal(merged.at('shards', 3, 'parents'), [1, 2])
  assert.equal(merged.at('shards', 3, 'hashRange'), { start: '0', end: `${hashKeyMax}` })
  for (const [path, body, status, code] of [
    ['split', { shard: 0 }, 409, 'shard_closed'],
    ['split', { shard: 9 }, 404, 'shard_not_found'],
    ['split', { shard: 3, at: '0' }, 400, 'invalid_field'],
    ['split', { shard: 3, at: `${hashKeyMax + 1n}` }, 400, 'invalid_field'],
    ['split', {}, 400, 'invalid_field'],
    ['merge', { shard: 3, with: 1 }, 409, 'shard_closed'],
    ['merge', { shard: 3, with: 3 }, 400, 'not_adjacent'],
  ] as const) {
    const refused = await client.ask('POST', `/v1/streams/s/${path}`, { body })
    assert.equal([refused.status, refused.at('code')], [status, code], `${path} ${JSON.stringify(body)}`)
  }
})

everyWay(
  test,
  'an error has a status, a code, a sentence, what to do, and whether a retry can help',
  async (client) => {
    await client.ask('PUT', '/v1/streams/taken')
    const refused = await client.ask('PUT', '/v1/streams/taken')
    assert.is(refused.status, 409)
    assert.equal(refused.value, {
      code: 'stream_exists',
      message: 'Stream taken exists already.',
      fix: 'Use it, choose another name, or delete it first.',
      retryable: false,
      details: { stream: 'taken' },
    })
    const type = client.encoding === 'JSON' ? 'application/json' : 'application/msgpack'
    assert.is(refused.headers['content-type'], type, 'errors come in the encoding that was asked for')
  },
)

everyWay(test, 'what is not as it must be is refused, naming the field', async (client) => {
  const cases: [unknown, RegExp][] = [
    [{ shards: 0 }, /^shards must be an integer from 1 to/],
    [{ shards: 1.5 }, /^shards must be/],
    [{ shards: null }, /^shards must be/],
    [{ shards: '2 ' }, /^shards must be/],
    [{ retentionMillis: 1 }, /^retentionMillis must be an integer from 1000 to/],
    [{ recordBytesMax: 11 * 1024 * 1024 }, /^recordBytesMax must be/],
    [{ shard: 1 }, /^shard is not known here \(known: shards, retentionMillis, recordBytesMax\)/],
    [[], /^The body must be an object/],
    ['text', /^The body must be an object/],
    [7, /^The body must be an object/],
  ]
  for (const [body, message] of cases) {
    const refused = await client.ask('PUT', '/v1/streams/s', { body })
    assert.is(refused.status, 400, JSON.stringify(body))
    assert.match(String(refused.at('message')), message)
  }
  for (const query of ['limit=0', 'limit=1001', 'limit=x', 'after=%20', 'limits=1']) {
    const refused = await client.ask('GET', `/v1/streams?${query}`)
    assert.equal([refused.status, refused.at('code')], [400, 'invalid_field'], query)
  }
})

everyWay(test, 'names are percent-decoded, and refused when they are not names', async (client) => {
  const created = await client.ask('PUT', '/v1/streams/a%2Db%5Fc')
  assert.is(created.at('name'), 'a-b_c')
  const long = 'x'.repeat(128)
  assert.is((await client.ask('PUT', `/v1/streams/${long}`)).status, 201)
  for (const name of ['%20', 'a%2Fb', 'a%00', '%C3%BC', `${long}x`, '*', '.', '..', '%2e%2E']) {
    const refused = await client.ask('PUT', `/v1/streams/${name}`)
    assert.equal([refused.status, refused.at('code')], [400, 'invalid_field'], name)
  }
  const broken = await client.ask('PUT', '/v1/streams/%zz')
  assert.equal([broken.status, broken.at('code')], [400, 'bad_request'])
})

everyWay(
  test,
  'no more streams than the limit',
  async (client) => {
    for (const name of ['a', 'b']) assert.is((await client.ask('PUT', `/v1/streams/${name}`)).status, 201)
    const refused = await client.ask('PUT', '/v1/streams/c')
    assert.equal([refused.status, refused.at('code')], [409, 'limit_exceeded'])
    await client.ask('DELETE', '/v1/streams/a')
    assert.is((await client.ask('PUT', '/v1/streams/c')).status, 201)
  },
  { limits: { streamsMax: 2 } },
)

everyWay(test, 'what waits behind the deletion of a stream finds it gone', async (client) => {
  await client.ask('PUT', '/v1/streams/s', { body: { shards: 2 } })
  const [deleted, ...others] = await Promise.all([
    client.ask('DELETE', '/v1/streams/s'),
    client.ask('PATCH', '/v1/streams/s', { body: { retentionMillis: 9_000 } }),
    client.ask('POST', '/v1/streams/s/split', { body: { shard: 0 } }),
    client.ask('POST', '/v1/streams/s/merge', { body: { shard: 0, with: 1 } }),
    client.ask('DELETE', '/v1/streams/s'),
  ])
  // Over HTTP/1.1 they travel on connections of their own, so that some may well come first.
  assert.is(deleted.status, 204)
  for (const other of others) {
    if (other.status < 300) continue
    assert.ok(['stream_not_found', 'shard_closed'].includes(String(other.at('code'))), String(other.at('code')))
  }
  assert.is((await client.ask('GET', '/v1/streams/s')).status, 404)
})

test.run()
