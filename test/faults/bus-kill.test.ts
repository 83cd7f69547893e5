import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { type BusHandle, type Client, connect } from '../../client/index.ts'
import { suite } from '../suite.ts'
import { killed, start } from './killed-broker.ts'

const test = suite('buses and kill -9')
const rounds = 4
const queues = ['q0', 'q1']

async function setUp(client: Client): Promise<void> {
  const bus = client.bus('b')
  await bus.create()
  await bus.archive('a')
  for (const queue of queues) {
    await client.queue(queue).create()
    await bus.putRule(queue, { pattern: { source: ['shop'] }, targets: [{ target: { queue } }] })
  }
}

/** Puts events, four at a time, until the broker is gone; notes what was answered. */
async function putAll(client: Client, answered: Set<string>): Promise<void> {
  const work = async () => {
    for (;;) answered.add((await client.bus('b').put({ source: 'shop', type: 't' })).id)
  }
  await Promise.allSettled(Array.from({ length: 4 }, work))
}

async function idsIn(client: Client, queue: string): Promise<string[]> {
  const ids: string[] = []
  let from = 0
  for (;;) {
    const page = await client.queue(queue).peek({ limit: 1_000, from })
    for (const { data } of page.messages) ids.push(JSON.parse(Buffer.from(data).toString()).id)
    if (page.next === undefined) return ids
    from = page.next
  }
}

async function idsOf(bus: BusHandle): Promise<string[]> {
  const ids: string[] = []
  let from: number | 'horizon' = 'horizon'
  for (;;) {
    const { events, next } = await bus.read({ from, limit: 1_000 })
    if (events.length === 0) return ids
    ids.push(...events.map(({ event }) => event.id))
    from = next
  }
}

async function replayed(bus: BusHandle): Promise<number> {
  for (;;) {
    const { endedAt, events } = await bus.replayed('again')
    if (endedAt !== undefined) return events
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

test('the bus and all its queues have an event once, or none has it; each that was answered is there; a replay goes on', async () => {
  const data = await mkdtemp(join(tmpdir(), 'millrace-test-'))
  const answered = new Set<string>()
  let broker = await start(data)
  try {
    const first = await connect(broker.url)
    await setUp(first)
    await first.close()
    for (let round = 0; round < rounds; round++) {
      const client = await connect(broker.url)
      const enough = answered.size + 100 + 37 * round
      const putting = putAll(client, answered)
      while (answered.size < enough) await new Promise((resolve) => setTimeout(resolve, 1))
      await killed(broker.child)
      await putting
      await client.close()
      broker = await start(data)
    }
    let client = await connect(broker.url)
    const kept = await idsOf(client.bus('b'))
    assert.is(new Set(kept).size, kept.length)
    for (const queue of queues) assert.equal((await idsIn(client, queue)).sort(), [...kept].sort())
    for (const id of answered) assert.ok(kept.includes(id), `${id} was answered and is gone`)
    await client.bus('b').replay('again', { archive: 'a', perSecond: 2_000 })
    await killed(broker.child)
    await client.close()
    broker = await start(data)
    client = await connect(broker.url)
    assert.is(await replayed(client.bus('b')), kept.length)
    const again = new Set((await idsIn(client, 'q0')).filter((id, i, all) => all.indexOf(id) !== i))
    assert.is(again.size, kept.length)
    assert.is((await idsOf(client.bus('b'))).length, kept.length)
    await client.close()
  } finally {
    await killed(broker.child)
    await rm(data, { recursive: true, force: true })
  }
})

test.run()
