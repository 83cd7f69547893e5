import type { Page } from 'playwright-core'
import * as assert from 'uvu/assert'
import { createBroker } from '../../broker/index.ts'
import { connect } from '../../client/index.ts'
import { until, within } from '../server/harness.ts'
import { suite } from '../suite.ts'
import { browserPath, howToGetOne, Pages } from './pages.ts'

const test = suite('web console')

interface Scene {
  readonly page: Page
  readonly url: string
  readonly client: Awaited<ReturnType<typeof connect>>
  /** Addresses that pages asked for. */
  readonly asked: readonly string[]
}

function inConsole(name: string, body: (scene: Scene) => Promise<void>, token?: string): void {
  if (browserPath === undefined) {
    test.skip(name, howToGetOne)
    return
  }
  test(name, async () => {
    const withToken = token === undefined ? {} : { token }
    const broker = await createBroker({ memory: true, port: 0, ...withToken })
    const url = broker.url ?? ''
    const client = await connect(url, withToken)
    const pages = await Pages.open()
    try {
      const page = await pages.page()
      const asked: string[] = []
      page.on('request', (request) => asked.push(request.url()))
      await page.goto(`${url}/console`)
      await within(body({ page, url, client, asked }), name)
      assert.equal(pages.errors, [])
    } finally {
      await pages.close()
      await client.close()
      await broker.close()
    }
  })
}

const textOf = (page: Page) => page.locator('main').innerText()

inConsole('a stream is made, a record put and seen in its tail, by keyboard alone', async ({ page, client }) => {
  await page.getByLabel('Name').fill('orders')
  await page.keyboard.press('Enter')
  await until(async () => (await client.streams()).some(({ name }) => name === 'orders'), 'the stream is made')
  const link = page.getByRole('link', { name: 'orders' })
  await link.waitFor()
  await link.focus()
  await page.keyboard.press('Enter')
  const begin = page.getByRole('button', { name: 'Begin' })
  await begin.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Stop' }).waitFor()
  await page.getByLabel('Data').fill('seen from the console')
  await page.getByRole('button', { name: 'Put' }).focus()
  await page.keyboard.press('Enter')
  await until(async () => (await textOf(page)).includes('It is on disk: record 0 of shard 0.'), 'it is put')
  const tail = page.getByLabel('Records as they come')
  await until(async () => (await tail.innerText()).includes('seen from the console'), 'it is tailed')
})

inConsole('a queue shows what is in it and what is moved back from its dead letters', async ({ page, url, client }) => {
  await client.queue('dead').create()
  await client.queue('jobs').create({ deadLetter: { queue: 'dead', maxReceives: 1 } })
  await client.queue('jobs').send('a job')
  await page.goto(`${url}/console/#/queues/jobs`)
  await page.getByRole('button', { name: 'Look' }).click()
  await until(async () => (await textOf(page)).includes('a job'), 'the message is seen')
  assert.ok((await textOf(page)).includes('After 1 receives a message goes to dead.'))
  await page.goto(`${url}/console/#/queues/dead`)
  await page.getByRole('button', { name: 'Move' }).click()
  await until(async () => (await client.queue('dead').moves()).length === 1, 'the move has begun')
})

inConsole('a message is published on a topic, an event put on a bus, and both are where they lead', async (scene) => {
  const { page, url, client } = scene
  const call = (method: 'PUT', path: string, body: object) => client.endpoint.call({ method, path, body })
  await client.queue('inbox').create()
  await call('PUT', '/v1/topics/news', {})
  await call('PUT', '/v1/topics/news/subscriptions/inbox', { target: { queue: 'inbox' }, raw: true })
  await call('PUT', '/v1/buses/default/rules/all', {
    pattern: { source: ['console'] },
    targets: [{ id: 'inbox', target: { queue: 'inbox' } }],
  })
  await page.goto(`${url}/console/#/topics/news`)
  await page.getByRole('cell', { name: 'queue inbox' }).waitFor()
  await page.getByRole('button', { name: 'Publish' }).click()
  await page.goto(`${url}/console/#/buses/default`)
  await page.getByRole('cell', { name: 'all', exact: true }).waitFor()
  await page.getByRole('button', { name: 'Put' }).click()
  await until(async () => (await client.queue('inbox').describe()).messages.visible === 2, 'both came')
})

inConsole('a schedule is made, shows when it fires next, and is paused', async ({ page, url, client }) => {
  await client.queue('inbox').create()
  await page.goto(`${url}/console/#/schedules`)
  await page.getByLabel('Name', { exact: true }).fill('tick')
  await page.getByLabel('When').fill('rate(1 day)')
  await page.getByLabel('Its name').fill('inbox')
  await page.getByRole('button', { name: 'Create a schedule' }).click()
  await until(async () => (await textOf(page)).includes('It fires next at'), 'it is made')
  const { target, expression } = await client.schedule('tick').describe()
  assert.equal([target, expression], [{ queue: 'inbox' }, 'rate(1 day)'])
  await page.getByRole('button', { name: 'Pause' }).click()
  await until(async () => (await client.schedule('tick').describe()).paused, 'it is paused')
})

inConsole('whoever is connected by a WebSocket is seen, this page among them', async ({ page, url, client }) => {
  await page.goto(`${url}/console/#/sockets`)
  await until(async () => (await textOf(page)).includes('Connected: 1, this page among them.'), 'it is counted')
  assert.ok((await textOf(page)).includes('the native protocol'))
  assert.is((await client.inspect()).sockets.native, 1)
  assert.ok((await textOf(page)).includes('There are no WebSocket APIs.'))
})

inConsole('nothing is asked of anybody but the broker', async ({ page, url, asked }) => {
  for (const name of ['queues', 'topics', 'buses', 'schedules', 'functions', 'bindings', 'sockets', 'streams']) {
    await page.goto(`${url}/console/#/${name}`)
    await page.getByRole('heading', { level: 2 }).waitFor()
  }
  assert.equal(
    asked.filter((each) => !each.startsWith(url) && !each.startsWith('data:')),
    [],
  )
})

inConsole(
  'a broker with a token is asked for it, once',
  async ({ page, client }) => {
    await client.stream('secret').create()
    await page.getByLabel('Token').fill('open sesame')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'secret' }).waitFor()
    await page.reload()
    await page.getByRole('link', { name: 'secret' }).waitFor()
  },
  'open sesame',
)

test.run()
