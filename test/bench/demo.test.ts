import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { readFlights } from '../../bench/demo/flights.ts'
import { createBroker } from '../../broker/index.ts'
import { suite } from '../suite.ts'

const test = suite('demo')
const program = fileURLToPath(new URL('../../bench/demo/main.js', import.meta.url))

async function demo(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  const [code] = (await once(child, 'close')) as [number]
  return { code, stdout, stderr }
}

/** The busiest route, counted without a broker. */
async function busiestRoute(count: number): Promise<string> {
  const flights = new Map<string, number>()
  for (const { origin, destination } of await readFlights(count)) {
    const route = [origin, destination].sort().join(' - ')
    flights.set(route, (flights.get(route) ?? 0) + 1)
  }
  const [[route, number] = ['', 0]] = [...flights].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  return `${route} +${number}`
}

test('all three consumers see all flights, and what they make of them is what the data says', async () => {
  const { code, stdout, stderr } = await demo('--flights', '1500', '--seconds', '0.2')
  assert.is(stderr, '')
  assert.is(code, 0)
  assert.match(stdout, '1,500 of 1,500 flights put on 4 shards')
  assert.is(stdout.match(/ {2}1,500 +\d+ ms/g)?.length, 3)
  assert.match(stdout, new RegExp(`^${await busiestRoute(1500)} `, 'm'))
  assert.match(stdout, 'All three consumers read all 1,500 flights')
})

test('it runs against a broker that is there, and again, and leaves the flights to look at', async () => {
  const broker = await createBroker({ memory: true, port: 0 })
  try {
    for (const flights of ['300', '200']) {
      const { code, stdout, stderr } = await demo('--url', broker.url ?? '', '--flights', flights, '--seconds', '0')
      assert.is(code, 0, stderr)
      assert.match(stdout, 'tail demo-flights --from horizon')
    }
    const stream = (await broker.endpoint.call({ method: 'GET', path: '/v1/streams/demo-flights' })) as {
      shards: { next: number }[]
    }
    assert.is(
      stream.shards.reduce((sum, { next }) => sum + next, 0),
      200,
    )
  } finally {
    await broker.close()
  }
})

test('what it cannot do is said with its usage', async () => {
  for (const args of [
    ['--seconds', 'soon'],
    ['--flight', '5'],
    ['--url', 'http://127.0.0.1:1'],
  ]) {
    const { code, stderr } = await demo(...args)
    assert.is(code, 1)
    assert.match(stderr, /^demo: .*\n[\s\S]*Usage: npm run demo/)
  }
})

test.run()
