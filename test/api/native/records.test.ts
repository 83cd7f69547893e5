import * as assert from 'uvu/assert'
import { everyWay } from '../../server/harness.ts'
import type { Answer, RawClient } from '../../server/raw-client.ts'
import { suite } from '../../suite.ts'

const test = suite('native API: records')

/** Bytes as this client's encoding sends them: base64 text in JSON, binary in MessagePack. */
const data = (client: RawClient, text: string) =>
  client.encoding === 'JSON' ? Buffer.from(text).toString('base64') : Buffer.from(text)

/** The bytes of a record as they came, as text. */
function textOf(client: RawClient, answer: Answer, place: number): string {
  const got = answer.at('records', place, 'data')
  if (client.encoding === 'JSON') return Buffer.from(String(got), 'base64').toString()
  assert.ok(got instanceof Uint8Array, 'binary in MessagePack')
  return Buffer.from(got).toString()
}

everyWay(test, 'records are put as data, text or json and read back as bytes', async (client, { clock }) => {
  await client.ask('PUT', '/v1/streams/s')
  const put = await client.ask('POST', '/v1/streams/s/records', {
    body: {
      records: [
        { key: 'a', data: data(client, 'bytes'), headers: { trace: '7', empty: '' } },
        { key: 'b', text: 'text ü' },
        { key: 'c', json: { total: 42, of: [1, null, 'x'] } },
        { key: 'd', text: '' },
      ],
    },
  })
  assert.is(put.status, 200)
  const time = clock.now()
  assert.equal(put.value, { records: [0, 1, 2, 3].map((sequence) => ({ shard: 0, sequence, time })) })
  const got = await client.ask('GET', '/v1/streams/s/records')
  assert.is(got.status, 200)
  assert.equal(
    [0, 1, 2, 3].map((place) => textOf(client, got, place)),
    ['bytes', 'text ü', '{"total":42,"of":[1,null,"x"]}', ''],
  )
  assert.equal(
    (got.at('records') as { data: unknown }[]).map(({ data: _, ...record }) => record),
    [
      { shard: 0, sequence: 0, key: 'a', headers: { trace: '7', empty: '' }, time },
      { shard: 0, sequence: 1, key: 'b', headers: {}, time },
      { shard: 0, sequence: 2, key: 'c', headers: {}, time },
      { shard: 0, sequence: 3, key: 'd', headers: {}, time },
    ],
  )
  assert.equal([got.at('next'), got.at('behindMillis'), got.at('children')], [4, 0, undefined])
})

everyWay(
  test,
  'reading starts at horizon, latest, a sequence or a time, and goes on at next',
  async (client, { clock }) => {
    await client.ask('PUT', '/v1/streams/s')
    const start = clock.now()
    for (let i = 0; i < 5; i++) {
      await client.ask('POST', '/v1/streams/s/records', { body: { records: [{ key: 'k', text: `${i}` }] } })
      await clock.advance(1_000)
    }
    const sequences = async (query: string) =>
      ((await client.ask('GET', `/v1/streams/s/records?${query}`)).at('records') as { sequence: number }[]).map(
        ({ sequence }) => sequence,
      )
    const iso = (millis: number) => encodeURIComponent(new Date(start + millis).toISOString())
    assert.equal(await sequences('from=horizon'), [0, 1, 2, 3, 4])
    assert.equal(await sequences('from=latest'), [])
    assert.equal(await sequences('shard=0&from=3'), [3, 4])
    assert.equal(await sequences(`from=${iso(2_500)}`), [3, 4])
    assert.equal(await sequences(`from=${iso(0)}&limit=2`), [0, 1])
    const page = await client.ask('GET', '/v1/streams/s/records?from=1&limit=2')
    assert.equal([page.at('next'), page.at('behindMillis')], [3, 3_000])
  },
)

everyWay(test, 'a closed shard that is read to its end names its children', async (client) => {
  await client.ask('PUT', '/v1/streams/s')
  const body = {
    records: [
      { key: 'k', text: 'x' },
      { key: 'k', text: 'y' },
    ],
  }
  await client.ask('POST', '/v1/streams/s/records', { body })
  await client.ask('POST', '/v1/streams/s/split', { body: { shard: 0 } })
  const first = await client.ask('GET', '/v1/streams/s/records?limit=1')
  assert.equal([first.at('next'), first.at('children')], [1, undefined])
  const last = await client.ask('GET', `/v1/streams/s/records?from=${first.at('next')}`)
  assert.equal([last.at('next'), last.at('children')], [2, [1, 2]])
})

everyWay(test, 'a hash key chooses the shard', async (client) => {
  await client.ask('PUT', '/v1/streams/s', { body: { shards: 2 } })
  const half = 2n ** 127n
  const body = { records: [half - 1n, half].map((key) => ({ key: 'same', text: 'x', hashKey: `${key}` })) }
  const put = await client.ask('POST', '/v1/streams/s/records', { body })
  assert.equal([put.at('records', 0, 'shard'), put.at('records', 1, 'shard')], [0, 1])
})

everyWay(test, 'what is not a record is refused with all that came with it, naming the field', async (client) => {
  await client.ask('PUT', '/v1/streams/s')
  const good = { key: 'k', text: 'x' }
  const cases: [unknown, RegExp][] = [
    [undefined, /^records is missing/],
    [{}, /^records is missing/],
    [{ records: [] }, /^records must hold 1 to 10000/],
    [{ records: {} }, /^records must be an array/],
    [{ records: [good, 7] }, /^records\[1\] must be an object/],
    [{ records: [good, { text: 'x' }] }, /^records\[1\]\.key is missing/],
    [{ records: [{ key: '', text: 'x' }] }, /^records\[0\]\.key must be 1 to 1024 bytes/],
    [{ records: [{ key: 'ü'.repeat(513), text: 'x' }] }, /^records\[0\]\.key must be 1 to 1024 bytes/],
    [{ records: [{ key: 7, text: 'x' }] }, /^records\[0\]\.key must be a string/],
    [{ records: [{ key: 'k' }] }, /^records\[0\]\.data must be given in exactly one way/],
    [{ records: [{ key: 'k', text: 'x', json: 1 }] }, /^records\[0\]\.data must be given in exactly one way/],
    [{ records: [{ key: 'k', data: 'not base64!' }] }, /^records\[0\]\.data must be base64/],
    [{ records: [{ key: 'k', text: 7 }] }, /^records\[0\]\.text must be a string/],
    [{ records: [{ ...good, hashKey: '-1' }] }, /^records\[0\]\.hashKey must be a decimal number/],
    [{ records: [{ ...good, hashKey: `${2n ** 128n}` }] }, /^records\[0\]\.hashKey must be a decimal number/],
    [{ records: [{ ...good, headers: { a: 1 } }] }, /^records\[0\]\.headers must be an object of strings/],
    [{ records: [{ ...good, headers: { a: 'x'.repeat(65_536) } }] }, /^records\[0\]\.headers must be/],
    [{ records: [{ ...good, keys: 'k' }] }, /^records\[0\]\.keys is not known here/],
    [{ records: [good], acks: 1 }, /^acks is not known here/],
  ]
  for (const [body, message] of cases) {
    const refused = await client.ask('POST', '/v1/streams/s/records', { body })
    assert.is(refused.status, 400, JSON.stringify(body)?.slice(0, 80))
    assert.match(String(refused.at('message')), message)
  }
  assert.equal((await client.ask('GET', '/v1/streams/s/records')).at('records'), [])
})

everyWay(test, 'numbers and shapes that JSON does not have are refused where JSON is asked for', async (client) => {
  if (client.encoding === 'JSON') return
  await client.ask('PUT', '/v1/streams/s')
  for (const json of [2n ** 60n, { deep: [2n ** 60n] }]) {
    const refused = await client.ask('POST', '/v1/streams/s/records', { body: { records: [{ key: 'k', json }] } })
    assert.equal([refused.status, refused.at('code')], [400, 'invalid_field'])
    assert.match(String(refused.at('message')), /^records\[0\]\.json /)
  }
})

everyWay(
  test,
  'a record over the limit is refused alone; when nothing else was sent, that is the answer',
  async (client) => {
    await client.ask('PUT', '/v1/streams/s', { body: { recordBytesMax: 10 } })
    const alone = await client.ask('POST', '/v1/streams/s/records', {
      body: { records: [{ key: 'k', text: 'x'.repeat(10) }] },
    })
    assert.equal(
      [alone.status, alone.at('code'), alone.at('details')],
      [413, 'record_too_large', { bytes: 11, limit: 10 }],
    )
    const both = await client.ask('POST', '/v1/streams/s/records', {
      body: {
        records: [
          { key: 'k', text: 'x'.repeat(10) },
          { key: 'k', text: 'x' },
        ],
      },
    })
    assert.is(both.status, 200)
    assert.is(both.at('records', 0, 'error', 'code'), 'record_too_large')
    assert.is(both.at('records', 1, 'sequence'), 0)
  },
)

everyWay(test, 'a query that is not as it must be is refused, naming the field', async (client) => {
  await client.ask('PUT', '/v1/streams/s')
  for (const query of ['shard=-1', 'shard=x', 'from=soon', 'from=', 'limit=0', 'limit=10001', 'start=0']) {
    const refused = await client.ask('GET', `/v1/streams/s/records?${query}`)
    assert.equal([refused.status, refused.at('code')], [400, 'invalid_field'], query)
  }
  const missing = await client.ask('GET', '/v1/streams/s/records?shard=1')
  assert.equal([missing.status, missing.at('code')], [404, 'shard_not_found'])
})

everyWay(
  test,
  'a page ends at its bytes, and one record always fits',
  async (client) => {
    await client.ask('PUT', '/v1/streams/s')
    const records = Array.from({ length: 5 }, (_, i) => ({ key: 'k', text: `${i}`.repeat(600) }))
    await client.ask('POST', '/v1/streams/s/records', { body: { records } })
    const page = await client.ask('GET', '/v1/streams/s/records')
    assert.equal([(page.at('records') as unknown[]).length, page.at('next')], [1, 1])
  },
  { limits: { getBytesMax: 1_000 } },
)

everyWay(
  test,
  'more bytes in flight than the limit are throttled, and the answer says so',
  async (client) => {
    await client.ask('PUT', '/v1/streams/s')
    const refused = await client.ask('POST', '/v1/streams/s/records', {
      body: { records: [{ key: 'k', text: 'x'.repeat(2_000) }] },
    })
    assert.equal([refused.status, refused.at('code'), refused.at('retryable')], [429, 'throttled', true])
  },
  { limits: { inFlightBytesMax: 1_000 } },
)

test.run()
