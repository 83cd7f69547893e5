import * as assert from 'uvu/assert'
import { WebSocket } from 'ws'
import { Main } from '../../../broker/main.ts'
import { type Client, connect } from '../../../client/index.ts'
import { Chatter } from '../../aws/chatter.ts'
import { until, within } from '../../server/harness.ts'
import { suite } from '../../suite.ts'

const test = suite('native API: sockets')

interface Scene {
  readonly main: Main
  readonly client: Client
  /** An API's id, and its address at a stage. */
  readonly api: string
  address(stage: string): string
  sockets(
    query?: Record<string, string>,
  ): Promise<{ total: number; sockets: { id: string; door: string; stage?: string }[] }>
  post(body: object, api?: string): Promise<unknown>
}

async function withApi(body: (scene: Scene) => Promise<void>): Promise<void> {
  const main = await Main.start({ memory: true, port: 0 })
  const client = await connect(main.url as string)
  const { socketApis, clock } = main.broker
  const createdAt = clock.now()
  const { name: api } = await socketApis.create({
    ...{ apiName: 'feed', routeSelectionExpression: '$request.body.action', createdAt, tags: {} },
  })
  const stage = (stageName: string) => ({
    ...{ stageName, autoDeploy: true, stageVariables: {}, createdAt, changedAt: createdAt },
  })
  await socketApis.records.change(api, (record) => ({
    ...(record as NonNullable<typeof record>),
    stages: { live: stage('live'), test: stage('test') },
  }))
  try {
    await body({
      main,
      client,
      api,
      address: (name) => `${main.url?.replace('http', 'ws')}/${api}/${name}`,
      sockets: (query) =>
        client.endpoint.call({ method: 'GET', path: '/v1/sockets', ...(query && { query }) }) as ReturnType<
          Scene['sockets']
        >,
      post: (message, to = api) =>
        client.endpoint.call({ method: 'POST', path: `/v1/socket-apis/${to}/messages`, body: message }),
    })
  } finally {
    await client.close()
    await main.close()
  }
}

const codeOf = (promise: Promise<unknown>) => promise.then(String, (error: { code: string }) => error.code)

test('who is connected is listed, by either door, counted in the figures, and can be sent away', () =>
  withApi(async ({ main, client, api, address, sockets }) => {
    const one = await new Chatter(address('live'), [], { headers: { 'user-agent': 'one' } }).open()
    const native = new WebSocket(`${main.url?.replace('http', 'ws')}/v1/socket`, ['millrace.v1'])
    await new Promise((resolve, reject) => native.once('open', resolve).once('error', reject))
    const listed = await sockets()
    assert.is(listed.total, 2)
    assert.equal(
      listed.sockets.map(({ door, stage }) => [door, stage]),
      [
        ['native', undefined],
        ['api', 'live'],
      ],
    )
    assert.equal((await sockets({ api })).total, 1)
    assert.equal((await client.inspect()).sockets, { native: 1, apis: [{ api, sockets: 1 }] })
    const metrics = await (await fetch(`${main.url}/metrics`)).text()
    assert.match(metrics, `millrace_sockets{door="api",api="${api}"} 1`)
    const apis = await client.endpoint.call({ method: 'GET', path: '/v1/socket-apis' })
    assert.equal(apis, { apis: [{ api, name: 'feed', stages: ['live', 'test'], sockets: 1 }] })
    const gone = new Promise<number>((resolve) => native.once('close', resolve))
    for (const { id } of listed.sockets) {
      await client.endpoint.call({ method: 'DELETE', path: `/v1/sockets/${encodeURIComponent(id)}` })
    }
    assert.is((await within(one.closed, 'sent away')).code, 1000)
    assert.is(await gone, 1000)
    await until(async () => (await sockets()).total === 0, 'nobody is left')
    const again = client.endpoint.call({ method: 'DELETE', path: `/v1/sockets/${listed.sockets[0]?.id}` })
    assert.is(await codeOf(again), 'socket_not_found')
  }))

test('messages go to all clients of an API, to those of a stage, or to one', () =>
  withApi(async ({ address, post, sockets }) => {
    const [live, testing] = await Promise.all(['live', 'test'].map((stage) => new Chatter(address(stage)).open()))
    assert.equal(await post({ messages: [{ text: 'one' }, { json: { two: 2 } }] }), { sent: 4, stalled: 0 })
    assert.equal(await post({ stage: 'live', messages: [{ text: 'three' }] }), { sent: 1, stalled: 0 })
    const { sockets: all } = await sockets()
    const connection = all.find(({ stage }) => stage === 'test')?.id
    const letters = [
      { text: 'four', connection },
      { text: 'lost', connection: 'nobody' },
    ]
    assert.equal(await post({ messages: letters }), { sent: 1, stalled: 0 })
    await post({ messages: [{ data: Uint8Array.of(0x61, 0xff) }] })
    assert.equal(await live?.hears(4), ['one', '{"two":2}', 'three', 'a\ufffd'])
    assert.equal(await testing?.hears(4), ['one', '{"two":2}', 'four', 'a\ufffd'])
    assert.is(await codeOf(post({ messages: [] })), 'invalid_field')
    assert.is(await codeOf(post({ messages: [{ text: 'x'.repeat(131_073) }] })), 'message_too_large')
    assert.is(await codeOf(post({ messages: [{ text: 'x' }] }, 'none')), 'socket_api_not_found')
  }))

test('a stream leads to the clients of an API by a binding: each record to all, or to the one that its key names', () =>
  withApi(async ({ client, api, address, sockets }) => {
    await client.stream('feed').create()
    await client.stream('letters').create()
    const [one, two] = await Promise.all([1, 2].map(() => new Chatter(address('live')).open()))
    await client.binding('feed').set({ source: { stream: 'feed' }, target: { sockets: api, stage: 'live' } })
    await client.binding('letters').set({ source: { stream: 'letters' }, target: { sockets: api, to: 'key' } })
    for (const data of ['a', 'b', 'c']) await client.stream('feed').put({ key: 'k', data })
    assert.equal(await one?.hears(3), ['a', 'b', 'c'])
    assert.equal(await two?.hears(3), ['a', 'b', 'c'])
    const [first] = (await sockets()).sockets
    await client.stream('letters').put({ key: 'nobody', data: 'lost' })
    await client.stream('letters').put({ key: first?.id ?? '', data: 'yours' })
    await until(() => (one?.heard.length ?? 0) + (two?.heard.length ?? 0) === 7, 'the letter came')
    const wrong = client.binding('x').set({ source: { stream: 'feed' }, target: { sockets: 'none' } })
    assert.is(await codeOf(wrong), 'socket_api_not_found')
  }))

test.run()
