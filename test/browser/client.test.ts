import * as assert from 'uvu/assert'
import { createBroker } from '../../broker/index.ts'
import { connect } from '../../client/index.ts'
import { until, within } from '../server/harness.ts'
import { suite } from '../suite.ts'
import { CuttableNetwork } from './cuttable-network.ts'
import { browserPath, howToGetOne, Pages, run } from './pages.ts'

const test = suite('the client in a browser')
/** A browser takes its time where others work, too. */
const patienceMillis = 180_000

interface Scene {
  readonly pages: Pages
  readonly network: CuttableNetwork
  /** The broker through the network that can be cut. */
  readonly url: string
  /** The broker itself. */
  readonly direct: string
}

type Options = Parameters<typeof createBroker>[0]

function inBrowser(name: string, body: (scene: Scene) => Promise<void>, options: Options = {}): void {
  if (browserPath === undefined) {
    test.skip(name, howToGetOne)
    return
  }
  test(name, async () => {
    const broker = await createBroker({ memory: true, port: 0, ...options })
    const direct = broker.url ?? ''
    const network = new CuttableNetwork(Number(new URL(direct).port))
    const pages = await Pages.open()
    try {
      await within(body({ pages, network, url: await network.listen(), direct }), name, patienceMillis)
      assert.equal(pages.errors, [])
    } finally {
      await pages.close()
      network.close()
      await broker.close()
    }
  })
}

inBrowser('two pages exchange records through a stream', async ({ pages, url }) => {
  const [first, second] = [await pages.page(), await pages.page()]
  await run(first, url, `await (await connect()).stream('s').create({ shards: 2 })`)
  const read = run<[string, unknown][]>(
    second,
    url,
    `const records = []
    for await (const batch of (await connect()).stream('s').subscribe()) {
      for (const record of batch) records.push([record.key, record.json()])
      if (records.length >= 100) return records
    }`,
  )
  const places = await run<{ shard: number; sequence: number }[]>(
    first,
    url,
    `const stream = (await connect()).stream('s')
    return Promise.all(Array.from({ length: 100 }, (_, i) => stream.put({ key: 'key' + i, data: JSON.stringify({ i }) })))`,
  )
  assert.is(new Set(places.map(({ shard, sequence }) => `${shard}/${sequence}`)).size, 100)
  const records = await read
  assert.equal(new Map(records), new Map(Array.from({ length: 100 }, (_, i) => [`key${i}`, { i }])))
})

inBrowser(
  'a network that is cut and mended leaves no gap and makes no duplicate, in reading or in writing',
  async (scene) => {
    const { pages, network, url, direct } = scene
    const client = await connect(direct)
    await client.stream('down').create({ shards: 3 })
    await client.stream('up').create({ shards: 3 })
    const page = await pages.page()
    const total = 300
    const working = run<number[]>(
      page,
      url,
      `const client = await connect()
    globalThis.connected = true
    const seen = []
    const reading = (async () => {
      for await (const batch of client.stream('down').subscribe({ heartbeatMillis: 200 })) {
        for (const record of batch) seen.push(Number(record.text()))
        if (seen.length >= ${total}) return
      }
    })()
    const up = client.stream('up')
    const puts = []
    for (let i = 0; i < ${total}; i++) {
      puts.push(up.put({ key: 'k' + i % 7, data: String(i) }))
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    await Promise.all(puts)
    await reading
    await client.close()
    return seen`,
    )
    // What a page cannot do is get its script, or the first word of its broker, over no network.
    await page.waitForFunction('globalThis.connected')
    for (let i = 0; i < total; i++) {
      await client.stream('down').put({ key: `k${i % 7}`, data: `${i}` })
      await new Promise((resolve) => setTimeout(resolve, 2))
      if (i % 100 === 50) network.cut()
      if (i % 100 === 75) network.mend()
    }
    const seen = await working
    const all = Array.from({ length: total }, (_, i) => i)
    const sorted = (numbers: number[]) => numbers.sort((a, b) => a - b)
    assert.equal(sorted(seen), all)
    const stored: number[] = []
    for await (const batch of client.stream('up').subscribe()) {
      for (const record of batch) stored.push(Number(record.text()))
      if (stored.length >= total) break
    }
    assert.equal(sorted(stored), all)
    assert.ok(network.connections > 3, 'it was cut')
    await client.close()
  },
)

inBrowser('a page sends to a queue and handles what it receives, over a lost connection too', async (scene) => {
  const { pages, network, url, direct } = scene
  const client = await connect(direct)
  await client.queue('jobs').create()
  const page = await pages.page()
  await run(page, url, `window.queue = (await connect()).queue('jobs')\nawait window.queue.send('from the page')`)
  const handled = run<string[]>(
    page,
    url,
    `const seen = []
    for await (const message of window.queue.receive()) {
      seen.push(message.text())
      await message.delete()
      if (new Set(seen).size === 20) return seen
    }`,
  )
  await until(async () => (await client.queue('jobs').describe()).messages.visible === 0, 'the page receives')
  network.cut()
  for (let i = 1; i < 20; i++) await client.queue('jobs').send(`${i}`)
  network.mend()
  assert.is(new Set(await handled).size, 20)
  await client.close()
})

inBrowser('an EventSource tails a stream, and comes back where it was', async ({ pages, network, url, direct }) => {
  const client = await connect(direct)
  await client.stream('s').create()
  const page = await pages.page()
  await page.evaluate(`
    window.seen = []
    window.source = new EventSource('${url}/v1/streams/s/events')
    window.source.onmessage = ({ data }) => window.seen.push(JSON.parse(data).text)
    new Promise((resolve) => { window.source.onopen = resolve })`)
  const count = () => page.evaluate<number>('window.seen.length')
  for (let i = 0; i < 10; i++) await client.stream('s').put({ key: 'k', data: `${i}` })
  await until(async () => (await count()) === 10, 'ten came')
  network.cut()
  for (let i = 10; i < 20; i++) await client.stream('s').put({ key: 'k', data: `${i}` })
  network.mend()
  await until(async () => (await count()) === 20, 'ten more came')
  assert.equal(
    await page.evaluate<string[]>('window.seen'),
    Array.from({ length: 20 }, (_, i) => `${i}`),
  )
  await client.close()
})

const refusal = `return connect(BROKER, OPTIONS).then(() => 'let in', (error) => error instanceof MillraceError ? error.code : String(error))`

inBrowser(
  "a stranger's page is told that it may not be here, and this machine's is let in",
  async ({ pages, direct }) => {
    const ask = refusal.replace('BROKER', `'${direct}'`).replace(', OPTIONS', '')
    const [own, stranger] = [await pages.page(), await pages.page('stranger.example')]
    assert.is(await run(own, direct, ask), 'let in')
    assert.is(await run(stranger, direct, ask), 'origin_refused')
    const status = `fetch('${direct}/v1/streams/s', { method: 'POST', mode: 'no-cors', body: '{}' }).then(() => 'sent', () => 'failed')`
    assert.ok(['sent', 'failed'].includes(await stranger.evaluate(status)))
    const client = await connect(direct)
    assert.equal(await client.streams(), [], 'nothing that it sent was done')
    await client.close()
  },
)

inBrowser(
  'a page with a token does what that was granted',
  async ({ pages, direct }) => {
    const page = await pages.page()
    const ask = refusal.replace('BROKER', `'${direct}'`)
    assert.is(await run(page, direct, ask.replace('OPTIONS', '{}')), 'unauthorized')
    assert.is(await run(page, direct, ask.replace('OPTIONS', `{ token: 'wrong' }`)), 'unauthorized')
    const body = `
      const client = await connect('${direct}', { token: 'page' })
      const code = (work) => work.then(() => 'done', (error) => error.code)
      return [await code(client.stream('clicks').put({ key: 'k', data: 'x' })), await code(client.stream('clicks').subscribe().next()),
        await code(client.streams())]`
    const client = await connect(direct, { token: 'all' })
    await client.stream('clicks').create()
    assert.equal(await run(page, direct, body), ['done', 'forbidden', 'forbidden'])
    await client.close()
  },
  { token: 'all', grants: { page: ['write:streams/clicks'] } },
)

test.run()
