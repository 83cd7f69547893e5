import * as assert from 'uvu/assert'
import { everyWay, turns } from '../../server/harness.ts'
import type { RawClient } from '../../server/raw-client.ts'
import { suite } from '../../suite.ts'

const test = suite('native API: consumers')

async function streamWith(client: RawClient, shards: number, records: number): Promise<void> {
  await client.ask('PUT', '/v1/streams/s', { body: { shards } })
  const all = Array.from({ length: records }, (_, i) => ({ key: 'k', text: `${i}`, hashKey: '0' }))
  if (records > 0) await client.ask('POST', '/v1/streams/s/records', { body: { records: all } })
}

everyWay(test, 'a consumer exists from its first checkpoint on, and knows its lag', async (client) => {
  await streamWith(client, 2, 10)
  const none = await client.ask('GET', '/v1/streams/s/consumers/billing')
  assert.equal([none.status, none.at('code')], [404, 'consumer_not_found'])
  const moved = await client.ask('POST', '/v1/streams/s/consumers/billing/checkpoints', {
    body: { shards: { 0: { next: 7 }, 1: { next: 0 } } },
  })
  const consumer = {
    consumer: 'billing',
    shards: [
      { shard: 0, next: 7, lag: 3 },
      { shard: 1, next: 0, lag: 0 },
    ],
  }
  assert.is(moved.status, 200)
  assert.equal(moved.value, consumer)
  assert.equal((await client.ask('GET', '/v1/streams/s/consumers/billing')).value, consumer)
  assert.equal((await client.ask('GET', '/v1/streams/s/consumers')).value, { consumers: [consumer] })
  const back = await client.ask('POST', '/v1/streams/s/consumers/billing/checkpoints', {
    body: { shards: { 0: { next: 2 } } },
  })
  assert.equal(back.at('shards', 0), { shard: 0, next: 2, lag: 8 }, 'backwards is a choice too')
  assert.is((await client.ask('DELETE', '/v1/streams/s/consumers/billing')).status, 204)
  const gone = await client.ask('DELETE', '/v1/streams/s/consumers/billing')
  assert.equal([gone.status, gone.at('code')], [404, 'consumer_not_found'])
  assert.equal((await client.ask('GET', '/v1/streams/s/consumers')).value, { consumers: [] })
})

everyWay(test, 'a checkpoint is refused as a whole, naming the field', async (client) => {
  await streamWith(client, 1, 1)
  const path = '/v1/streams/s/consumers/c/checkpoints'
  const cases: [unknown, number, RegExp][] = [
    [{}, 400, /^shards is missing/],
    [{ shards: [] }, 400, /^shards must be an object with shard numbers as its keys/],
    [{ shards: { x: { next: 0 } } }, 400, /^shards must be an object with shard numbers as its keys/],
    [{ shards: { 0: 5 } }, 400, /^shards\.0 must be an object/],
    [{ shards: { 0: {} } }, 400, /^shards\.0\.next is missing/],
    [{ shards: { 0: { next: -1 } } }, 400, /^shards\.0\.next must be an integer/],
    [{ shards: { 0: { next: 0, fense: 1 } } }, 400, /^shards\.0\.fense is not known here/],
    [{ shards: { 0: { next: 0 }, 5: { next: 0 } } }, 404, /^Stream s has no shard 5/],
    [{ shards: { 0: { next: 0, fence: 1 } } }, 409, /^Shard 0 is no longer leased/],
  ]
  for (const [body, status, message] of cases) {
    const refused = await client.ask('POST', path, { body })
    assert.is(refused.status, status, JSON.stringify(body))
    assert.match(String(refused.at('message')), message)
  }
  assert.is((await client.ask('GET', '/v1/streams/s/consumers/c')).status, 404, 'nothing was moved')
})

everyWay(
  test,
  'a stream has no more consumers than the limit',
  async (client) => {
    await streamWith(client, 1, 0)
    const move = (name: string) =>
      client.ask('POST', `/v1/streams/s/consumers/${name}/checkpoints`, { body: { shards: { 0: { next: 0 } } } })
    assert.is((await move('a')).status, 200)
    const refused = await move('b')
    assert.equal([refused.status, refused.at('code')], [409, 'limit_exceeded'])
    assert.is((await move('a')).status, 200, 'the one that is there goes on')
  },
  { limits: { consumersPerStreamMax: 1 } },
)

everyWay(test, 'members share the shards; one that joins gets its part when it was given back', async (client) => {
  await streamWith(client, 4, 0)
  const renew = (member: string, body: object = {}) =>
    client.ask('PUT', `/v1/streams/s/groups/g/members/${member}`, { body })
  const shardsOf = (answer: { at(...path: (string | number)[]): unknown }) =>
    (answer.at('shards') as { shard: number }[]).map(({ shard }) => shard).sort()
  const alone = await renew('one')
  assert.is(alone.status, 200)
  assert.equal(shardsOf(alone), [0, 1, 2, 3])
  assert.equal([alone.at('revoke'), alone.at('leaseMillis'), alone.at('shards', 0, 'fence')], [[], 10_000, 1])
  const second = await renew('two')
  assert.equal(shardsOf(second), [], 'nothing is free yet')
  const told = await renew('one', { version: alone.at('version') })
  const revoke = told.at('revoke') as number[]
  assert.is(revoke.length, 2)
  await renew('one', { version: told.at('version'), released: revoke })
  const granted = await renew('two', { version: second.at('version') })
  assert.equal(shardsOf(granted), [...revoke].sort())
  for (const { fence } of granted.at('shards') as { fence: number }[]) assert.is(fence, 2, 'a new lease, a new fence')
  const stale = await client.ask('POST', '/v1/streams/s/consumers/g/checkpoints', {
    body: { member: 'one', shards: { [`${revoke[0]}`]: { next: 0, fence: 1 } } },
  })
  assert.equal([stale.status, stale.at('code')], [409, 'lease_lost'])
  assert.match(String(stale.at('message')), new RegExp(`^Shard ${revoke[0]} is no longer leased to one`))
  const current = await client.ask('POST', '/v1/streams/s/consumers/g/checkpoints', {
    body: { member: 'two', shards: { [`${revoke[0]}`]: { next: 0, fence: 2 } } },
  })
  assert.is(current.status, 200)
  assert.is((await client.ask('DELETE', '/v1/streams/s/groups/g/members/two')).status, 204)
  assert.equal(shardsOf(await renew('one', { version: 0 })), [0, 1, 2, 3], 'who is left gets all')
})

everyWay(test, 'a renewal waits for news, and no longer than it said', async (client, { clock, main }) => {
  await streamWith(client, 2, 0)
  const renew = (member: string, body: object = {}) =>
    client.ask('PUT', `/v1/streams/s/groups/g/members/${member}`, { body })
  const first = await renew('one')
  let waiting = renew('one', { version: first.at('version'), waitMillis: 3_000 })
  const second = await renew('two')
  assert.is.not((await waiting).at('version'), first.at('version'), 'news wakes it')
  waiting = renew('two', { version: second.at('version'), waitMillis: 3_000 })
  let answered = false
  waiting.then(() => {
    answered = true
  })
  await turns()
  assert.not(answered)
  for (let millis = 0; !answered && millis < 5_000; millis += 100) {
    await clock.advance(100)
    await turns()
  }
  assert.is((await waiting).at('version'), second.at('version'))
  assert.equal(
    main.broker.streams
      .get('s')
      .groups()[0]
      ?.members.map(({ member }) => member),
    ['one', 'two'],
  )
})

everyWay(test, 'a group that starts at latest starts where the tip was when it was made', async (client) => {
  await streamWith(client, 1, 5)
  const joined = await client.ask('PUT', '/v1/streams/s/groups/g/members/m', { body: { from: 'latest' } })
  assert.is(joined.at('shards', 0, 'next'), 5)
  const wrong = await client.ask('PUT', '/v1/streams/s/groups/g/members/m', { body: { from: 'now' } })
  assert.equal([wrong.status, wrong.at('code')], [400, 'invalid_field'])
  for (const body of [
    { leaseMillis: 10 },
    { waitMillis: 10 ** 6 },
    { version: -1 },
    { released: ['0'] },
    { lease: 1 },
  ]) {
    const refused = await client.ask('PUT', '/v1/streams/s/groups/g/members/m', { body })
    assert.equal([refused.status, refused.at('code')], [400, 'invalid_field'], JSON.stringify(body))
  }
})

everyWay(test, 'inspect shows what lies where', async (client) => {
  await streamWith(client, 1, 3)
  await client.ask('PUT', '/v1/streams/s/groups/g/members/m')
  const seen = await client.ask('GET', '/v1/inspect')
  assert.is(seen.status, 200)
  assert.equal(seen.at('streams', 0, 'shards'), [{ shard: 0, status: 'open', first: 0, next: 3 }])
  assert.equal(seen.at('streams', 0, 'groups'), [{ group: 'g', members: [{ member: 'm', shards: [0] }] }])
  assert.equal([seen.at('longStreams'), seen.at('log', 'inFlightBytes')], [0, 0])
  assert.ok(Number(seen.at('log', 'bytes')) > 0)
  for (const name of ['residentBytes', 'heapBytes', 'bufferBytes']) {
    assert.ok(Number(seen.at('memory', name)) > 0, name)
  }
})

everyWay(test, 'the manual clock moves when it is told to', async (client, { clock }) => {
  const start = clock.now()
  const moved = await client.ask('POST', '/v1/clock/advance', { body: { millis: 86_400_000 } })
  assert.equal([moved.status, moved.value], [200, { now: start + 86_400_000 }])
  for (const body of [undefined, {}, { millis: -1 }, { millis: 1.5 }, { millis: 1, seconds: 1 }]) {
    const refused = await client.ask('POST', '/v1/clock/advance', { body })
    assert.equal([refused.status, refused.at('code')], [400, 'invalid_field'])
  }
})

test.run()
