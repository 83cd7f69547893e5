import { get, type IncomingMessage } from 'node:http'
import * as assert from 'uvu/assert'
import { connect } from '../../../client/index.ts'
import { bothVersions, until, withBroker, within } from '../../server/harness.ts'
import { suite } from '../../suite.ts'

const test = suite('server-sent events')

interface Event {
  readonly id: string
  readonly name: string
  readonly data: { readonly shard: number; readonly sequence: number; readonly text?: string; readonly data?: string }
}

/** Reads events as the standard says, as far as they are used here. */
class EventReader {
  readonly events: Event[] = []
  id = ''
  status = 0
  readonly #response: Promise<IncomingMessage>

  constructor(url: string, lastEventId?: string) {
    const headers = {
      accept: 'text/event-stream',
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    }
    this.#response = new Promise((resolve, reject) => {
      get(url, { headers }, resolve).on('error', reject)
    })
    this.#response.then((response) => this.#read(response)).catch(() => undefined)
  }

  async close(): Promise<void> {
    ;(await this.#response).destroy()
  }

  #read(response: IncomingMessage): void {
    this.status = response.statusCode ?? 0
    let text = ''
    response.setEncoding('utf8')
    response.on('error', () => undefined)
    response.on('data', (chunk: string) => {
      text += chunk
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        this.#take(text.slice(0, end))
        text = text.slice(end + 2)
      }
    })
  }

  #take(text: string): void {
    const fields = new Map(text.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]))
    this.id = fields.get('id') ?? this.id
    const data = fields.get('data')
    if (data !== undefined)
      this.events.push({ id: this.id, name: fields.get('event') ?? 'message', data: JSON.parse(data) })
  }
}

test('records come as events, and who comes back with an id misses nothing and gets nothing twice', () =>
  withBroker(async ({ url }) => {
    const client = await connect(url)
    const stream = client.stream('s')
    await stream.create({ shards: 3 })
    await stream.put({ key: 'before', data: 'before' })
    const put = (i: number) => stream.put({ key: `k${i}`, data: `${i}` })
    const first = new EventReader(`${url}/v1/streams/s/events`)
    await until(() => first.id !== '', 'it begins')
    for (let i = 0; i < 20; i++) await put(i)
    await until(() => first.events.length === 20, 'all came')
    await first.close()
    for (let i = 20; i < 40; i++) await put(i)
    const cut = first.events[11] as Event
    const second = new EventReader(`${url}/v1/streams/s/events`, cut.id)
    await until(() => second.events.length === 28, 'the rest came')
    const texts = [...first.events.slice(0, 12), ...second.events].map(({ data }) => Number(data.text))
    assert.equal(
      texts.sort((a, b) => a - b),
      Array.from({ length: 40 }, (_, i) => i),
    )
    await second.close()
    await client.close()
  }))

test('a reader of the tip that lost its connection before the first record came misses none', () =>
  withBroker(async ({ url }) => {
    const client = await connect(url)
    await client.stream('s').create()
    await client.stream('s').put({ key: 'k', data: 'before' })
    const first = new EventReader(`${url}/v1/streams/s/events`)
    await until(() => first.id !== '', 'it begins')
    await first.close()
    await client.stream('s').put({ key: 'k', data: 'between' })
    const second = new EventReader(`${url}/v1/streams/s/events`, first.id)
    await until(() => second.events.length === 1, 'it came')
    assert.is(second.events[0]?.data.text, 'between')
    await second.close()
    await client.close()
  }))

test('data that is no text comes as base64; from the horizon, or a time', () =>
  withBroker(async ({ url }) => {
    const client = await connect(url)
    await client.stream('s').create()
    await client.stream('s').put({ key: 'k', data: Uint8Array.of(0xff, 0xfe) })
    for (const from of ['horizon', '2020-01-01T00:00:00Z']) {
      const reader = new EventReader(`${url}/v1/streams/s/events?from=${from}`)
      await until(() => reader.events.length === 1, 'it came')
      assert.is(reader.events[0]?.data.data, '//4=')
      await reader.close()
    }
    await client.close()
  }))

bothVersions(test, 'what cannot be read is refused', async (client) => {
  assert.is((await client.ask('GET', '/v1/streams/none/events')).status, 404)
  await client.ask('PUT', '/v1/streams/s')
  assert.is((await client.ask('GET', '/v1/streams/s/events?from=yesterday')).status, 400)
  assert.is((await client.ask('GET', '/v1/streams/s/events?form=latest')).status, 400)
  assert.is((await client.ask('GET', '/v1/streams/s/events', { headers: { 'last-event-id': 'x' } })).status, 400)
  assert.is((await client.ask('HEAD', '/v1/streams/s/events')).status, 405)
})

test('an EventSource, which cannot send headers, brings its token in the query', () =>
  withBroker(
    async ({ url }) => {
      const client = await connect(url, { token: 'all' })
      await client.stream('s').create()
      await client.stream('s').put({ key: 'k', data: 'x' })
      const reader = new EventReader(`${url}/v1/streams/s/events?from=horizon&token=page`)
      await until(() => reader.events.length === 1, 'it came')
      const stranger = new EventReader(`${url}/v1/streams/s/events?token=none`)
      await until(() => stranger.status !== 0, 'it is answered')
      assert.is(stranger.status, 401)
      await Promise.all([reader.close(), stranger.close()])
      await within(client.close(), 'closed')
    },
    { token: 'all', grants: { page: ['read:streams/s'] } },
  ))

test.run()
