import * as assert from 'uvu/assert'
import { readFlights } from '../../bench/demo/flights.ts'
import { PageServer } from '../../bench/demo/page-server.ts'
import { createBroker } from '../../broker/index.ts'
import { connect } from '../../client/index.ts'
import { until } from '../server/harness.ts'
import { suite } from '../suite.ts'
import { browserPath, howToGetOne, Pages } from './pages.ts'

const test = suite('the live chart of flights')
const name = 'a page draws what the stream has, and what comes later'

async function chart(): Promise<void> {
  const broker = await createBroker({ memory: true, port: 0 })
  const client = await connect(broker.url ?? '')
  const server = await PageServer.open(broker.url ?? '')
  const pages = await Pages.open()
  try {
    const flights = await readFlights(300)
    const stream = client.stream('demo-flights')
    await stream.create({ shards: 4 })
    const put = (some: typeof flights) =>
      Promise.all(some.map((flight) => stream.put({ key: flight.origin, data: JSON.stringify(flight) })))
    await put(flights.slice(0, 200))
    const page = await pages.page('localhost', server.url)
    await server.opened
    const state = () => page.evaluate<string>(`document.querySelector('#state').textContent`)
    await until(async () => (await state()).startsWith('200 flights'), 'what is there is drawn')
    await put(flights.slice(200))
    await until(async () => (await state()).startsWith('300 flights'), 'what comes is drawn')
    assert.is(await page.evaluate<number>(`document.querySelectorAll('#airports li').length`), 12)
    assert.equal(pages.errors, [])
  } finally {
    await pages.close()
    server.close()
    await client.close()
    await broker.close()
  }
}

if (browserPath === undefined) test.skip(name, howToGetOne)
else test(name, chart)

test.run()
