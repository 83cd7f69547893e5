import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { type Client, connect } from '../../client/index.ts'
import { suite } from '../suite.ts'
import { killed, start } from './killed-broker.ts'

const test = suite('topics and kill -9')
const rounds = 5
const queues = ['q0', 'q1', 'q2']

async function setUp(client: Client, endpoint: string): Promise<void> {
  const topic = client.topic('t')
  await topic.create()
  await client.stream('s').create({ shards: 2 })
  for (const queue of queues) {
    await client.queue(queue).create()
    await topic.putSubscription(queue, { target: { queue } })
  }
  await topic.putSubscription('s', { target: { stream: 's' } })
  await topic.putSubscription('h', { target: { http: endpoint }, raw: true })
}

/** Publishes, four at a time, until the broker is gone; notes what was answered. */
async function publish(client: Client, next: () => string, answered: Set<string>): Promise<void> {
  const path = '/v1/topics/t/messages'
  const work = async () => {
    for (;;) {
      const text = next()
      await client.endpoint.call({ method: 'POST', path, body: { messages: [{ text, group: text }] } })
      answered.add(text)
    }
  }
  await Promise.allSettled(Array.from({ length: 4 }, work))
}

async function textsIn(client: Client, queue: string): Promise<Set<string>> {
  const texts = new Set<string>()
  let from = 0
  for (;;) {
    const page = await client.queue(queue).peek({ limit: 1_000, from })
    for (const { data } of page.messages) {
      const text = Buffer.from(data).toString()
      assert.not.ok(texts.has(text), `${text} is twice in ${queue}`)
      texts.add(text)
    }
    if (page.next === undefined) return texts
    from = page.next
  }
}

async function textsInStream(client: Client): Promise<Set<string>> {
  const texts = new Set<string>()
  for (const shard of [0, 1]) {
    let from: number | 'horizon' = 'horizon'
    for (;;) {
      const { records, next } = await client.stream('s').read({ shard, from, limit: 10_000 })
      for (const { data } of records) texts.add(Buffer.from(data).toString())
      if (records.length === 0) break
      from = next
    }
  }
  return texts
}

test('all queues and streams have a message or none, each that was answered is everywhere, and the endpoint gets it too', async () => {
  const data = await mkdtemp(join(tmpdir(), 'millrace-test-'))
  const delivered = new Set<string>()
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      delivered.add(body)
      response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  let count = 0
  const answered = new Set<string>()
  let broker = await start(data)
  try {
    const first = await connect(broker.url)
    await setUp(first, endpoint)
    await first.close()
    for (let round = 0; round < rounds; round++) {
      const client = await connect(broker.url)
      const enough = answered.size + 100 + 37 * round
      const publishing = publish(client, () => `m${count++}`, answered)
      while (answered.size < enough) await new Promise((resolve) => setTimeout(resolve, 1))
      await killed(broker.child)
      await publishing
      await client.close()
      broker = await start(data)
    }
    const client = await connect(broker.url)
    const held = [...(await Promise.all(queues.map((queue) => textsIn(client, queue)))), await textsInStream(client)]
    const [reference = new Set<string>()] = held
    for (const each of held) assert.equal([...each].sort(), [...reference].sort())
    for (const text of answered) assert.ok(reference.has(text), `${text} was answered and is gone`)
    while ([...reference].some((text) => !delivered.has(text))) await new Promise((resolve) => setTimeout(resolve, 20))
    await client.close()
  } finally {
    await killed(broker.child)
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await rm(data, { recursive: true, force: true })
  }
})

test.run()
