import * as assert from 'uvu/assert'
import { everyWay } from '../../server/harness.ts'
import type { RawClient } from '../../server/raw-client.ts'
import { suite } from '../../suite.ts'

const test = suite('native API: queues')

const post = (client: RawClient, path: string, body?: unknown) =>
  client.ask('POST', `/v1/queues/q${path}`, body === undefined ? {} : { body })

function textOf(data: unknown): string {
  return typeof data === 'string' ? Buffer.from(data, 'base64').toString() : Buffer.from(data as Uint8Array).toString()
}

everyWay(test, 'a queue is created, described, changed, listed and deleted', async (client, { clock }) => {
  const created = await client.ask('PUT', '/v1/queues/q', { body: { visibilityMillis: 1_000, tags: { a: 'b' } } })
  assert.is(created.status, 201)
  assert.equal(created.value, {
    name: 'q',
    number: 1,
    status: 'active',
    createdAt: clock.now(),
    changedAt: clock.now(),
    fifo: false,
    visibilityMillis: 1_000,
    delayMillis: 0,
    retentionMillis: 345_600_000,
    messageBytesMax: 1_048_576,
    waitMillis: 0,
    contentBasedDeduplication: false,
    deduplicationByGroup: false,
    tags: { a: 'b' },
    messages: { visible: 0, inFlight: 0, delayed: 0 },
  })
  assert.is((await client.ask('PUT', '/v1/queues/q', { body: { visibilityMillis: 1_000 } })).status, 200)
  const other = await client.ask('PUT', '/v1/queues/q', { body: { visibilityMillis: 2_000 } })
  assert.equal([other.status, other.at('code')], [409, 'queue_exists'])
  await client.ask('PUT', '/v1/queues/dead')
  const changed = await client.ask('PATCH', '/v1/queues/q', { body: { deadLetter: { queue: 'dead', maxReceives: 3 } } })
  assert.equal(changed.at('deadLetter'), { queue: 'dead', maxReceives: 3 })
  assert.is((await client.ask('PATCH', '/v1/queues/q', { body: { deadLetter: null } })).at('deadLetter'), undefined)
  const page = await client.ask('GET', '/v1/queues?limit=1')
  assert.equal([page.at('queues', 0, 'name'), page.at('next')], ['dead', 'dead'])
  assert.is((await client.ask('GET', '/v1/queues?limit=1&after=dead')).at('queues', 0, 'name'), 'q')
  assert.is((await client.ask('DELETE', '/v1/queues/q')).status, 204)
  const gone = await client.ask('GET', '/v1/queues/q')
  assert.equal([gone.status, gone.at('code')], [404, 'queue_not_found'])
})

everyWay(test, 'messages are sent, looked at, received, settled, purged and moved', async (client, { clock }) => {
  await client.ask('PUT', '/v1/queues/q')
  const messages = [
    { text: 'a', attributes: { k: 'v' } },
    { json: { b: 1 }, delayMillis: 1_000 },
    { text: 'c', group: 'g' },
  ]
  const sent = await post(client, '/messages', { messages })
  assert.equal(
    [0, 1, 2].map((i) => sent.at('messages', i, 'sequence')),
    [0, 1, 2],
  )
  const peeked = await client.ask('GET', '/v1/queues/q/messages?limit=2')
  assert.equal(
    [0, 1].map((i) => [textOf(peeked.at('messages', i, 'data')), peeked.at('messages', i, 'state')]),
    [
      ['a', 'visible'],
      ['{"b":1}', 'delayed'],
    ],
  )
  assert.is(peeked.at('next'), 2)
  const received = await post(client, '/receive', { visibilityMillis: 10_000 })
  assert.equal(
    [0, 1].map((i) => textOf(received.at('messages', i, 'data'))),
    ['a', 'c'],
  )
  assert.equal(received.at('messages', 0, 'attributes'), { k: { type: 'String', value: 'v' } })
  const [a, c] = [0, 1].map((i) => received.at('messages', i, 'handle'))
  const settled = await post(client, '/settle', {
    delete: [a, 'nonsense'],
    visibility: [{ handle: c, visibilityMillis: 0 }],
  })
  assert.equal(settled.at('delete', 0), null)
  assert.is(settled.at('delete', 1, 'error', 'code'), 'handle_invalid')
  assert.equal(settled.at('visibility'), [null])
  const again = await post(client, '/receive')
  assert.equal([textOf(again.at('messages', 0, 'data')), again.at('messages', 0, 'receives')], ['c', 2])
  const waiting = post(client, '/receive', { waitMillis: 5_000 })
  await client.ask('GET', '/v1/queues/q')
  await clock.advance(1_000)
  assert.is(textOf((await waiting).at('messages', 0, 'data')), '{"b":1}')
  assert.equal((await client.ask('GET', '/v1/inspect')).at('queues', 0, 'messages'), {
    visible: 0,
    inFlight: 2,
    delayed: 0,
  })
  assert.is((await post(client, '/purge')).status, 204)
  assert.equal((await client.ask('GET', '/v1/queues/q')).at('messages'), { visible: 0, inFlight: 0, delayed: 0 })
  await client.ask('PUT', '/v1/queues/other')
  await post(client, '/messages', { messages: [{ text: 'move me' }] })
  assert.is((await post(client, '/moves', { destination: 'other' })).status, 201)
  for (;;) {
    const status = (await client.ask('GET', '/v1/queues/q/moves')).at('moves', 0, 'status')
    if (status === 'completed') break
    assert.is(status, 'running')
  }
  assert.is((await client.ask('GET', '/v1/queues/other')).at('messages', 'visible'), 1)
})

everyWay(test, 'what cannot be is refused, says which field, and stores nothing', async (client) => {
  await client.ask('PUT', '/v1/queues/q')
  const wrong: [string, string, unknown][] = [
    ['PUT', '/v1/queues/x', { visibilityMillis: -1 }],
    ['PUT', '/v1/queues/x', { retentionMillis: 1 }],
    ['PUT', '/v1/queues/x', { fifo: 'yes' }],
    ['PUT', '/v1/queues/x.fifo', { fifo: false }],
    ['PUT', '/v1/queues/x', { deadLetter: { queue: 'q' } }],
    ['PUT', '/v1/queues/x', { shards: 1 }],
    ['PUT', '/v1/queues/a%2Fb', {}],
    ['POST', '/v1/queues/q/messages', { messages: [] }],
    ['POST', '/v1/queues/q/messages', { messages: [{ text: 'good' }, { text: 'a', data: 'b' }] }],
    ['POST', '/v1/queues/q/messages', { messages: [{ text: 'good' }, {}] }],
    ['POST', '/v1/queues/q/messages', { messages: [{ text: 'a', delayMillis: 900_001 }] }],
    ['POST', '/v1/queues/q/messages', { messages: [{ text: 'a', attributes: { x: { type: 'Odd', value: '1' } } }] }],
    ['POST', '/v1/queues/q/messages', { messages: [{ text: 'a', attributes: 7 }] }],
    ['POST', '/v1/queues/q/messages', { messages: [{ text: 'a', group: '' }] }],
    ['POST', '/v1/queues/q/messages', { messages: [7] }],
    ['POST', '/v1/queues/q/messages', { messages: Array.from({ length: 1_001 }, () => ({ text: 'a' })) }],
    ['POST', '/v1/queues/q/receive', { max: 0 }],
    ['POST', '/v1/queues/q/receive', { waitMillis: 20_001 }],
    ['POST', '/v1/queues/q/settle', { delete: [7] }],
    ['POST', '/v1/queues/q/settle', { visibility: [{ handle: 'x' }] }],
    ['POST', '/v1/queues/q/moves', { perSecondMax: 0 }],
  ]
  for (const [method, path, body] of wrong) {
    const refused = await client.ask(method, path, { body })
    const shown = `${method} ${path} ${JSON.stringify(body).slice(0, 200)}`
    assert.is(refused.status, 400, shown)
    assert.ok(['invalid_field', 'bad_request'].includes(String(refused.at('code'))), `${shown}: ${refused.at('code')}`)
  }
  const missing = await client.ask('PUT', '/v1/queues/x', { body: { deadLetter: { queue: 'no', maxReceives: 1 } } })
  assert.equal([missing.status, missing.at('code')], [400, 'dead_letter_invalid'])
  const large = await post(client, '/messages', { messages: [{ text: 'x'.repeat(1024 * 1024 + 1) }] })
  assert.equal([large.status, large.at('code')], [413, 'message_too_large'])
  assert.equal((await client.ask('GET', '/v1/queues')).at('queues', 1), undefined)
  assert.equal((await client.ask('GET', '/v1/queues/q')).at('messages'), { visible: 0, inFlight: 0, delayed: 0 })
})

test.run()
