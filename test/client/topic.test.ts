import * as assert from 'uvu/assert'
import { type CreateBrokerOptions, createBroker, type EmbeddedBroker } from '../../broker/index.ts'
import { MillraceError } from '../../broker/wire/errors.ts'
import { type Client, connect } from '../../client/index.ts'
import { suite } from '../suite.ts'

const test = suite('topics')

async function withClient(
  work: (client: Client, broker: EmbeddedBroker) => Promise<void>,
  options: CreateBrokerOptions = {},
): Promise<void> {
  const broker = await createBroker({ memory: true, port: 0, ...options })
  const client = await connect(broker.url as string)
  try {
    await work(client, broker)
  } finally {
    await client.close()
    await broker.close()
  }
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'nothing',
    (error: unknown) => (error instanceof MillraceError ? error.code : String(error)),
  )
}

test('whoever listens gets what is published from then on, by its filter, as it was published', () =>
  withClient(async (client) => {
    const topic = client.topic('t')
    await topic.create()
    await topic.publish('too early')
    const all = await topic.subscribe()
    const some = await topic.subscribe({ filter: { kind: ['b'] } })
    const deep = await topic.subscribe({ filter: { n: [{ numeric: ['>', 1] }] }, filterScope: 'body' })
    const { id } = await topic.publish({ data: '{"n": 1}', attributes: { kind: 'a' }, subject: 's', group: 'g' })
    await topic.publish({ data: '{"n": 2}', attributes: { kind: 'b' } })
    const first = await all.next()
    assert.equal(
      [first?.id, first?.text(), first?.subject, first?.group, first?.attributes['kind']],
      [id, '{"n": 1}', 's', 'g', { type: 'String', value: 'a' }],
    )
    assert.is((await all.next())?.text(), '{"n": 2}')
    assert.is((await some.next())?.text(), '{"n": 2}')
    assert.equal((await deep.next())?.json(), { n: 2 })
    for (const each of [all, some, deep]) await each.close()
    assert.is(await all.next(), undefined)
  }))

test('a durable subscription goes on where it was left, and shares its messages among those of its name', () =>
  withClient(async (client) => {
    const topic = client.topic('t')
    await topic.create()
    const first = await topic.subscribe({ name: 'billing' })
    await topic.publish('one')
    const one = await first.next()
    assert.is(one?.text(), 'one')
    await one?.delete()
    await first.close()
    for (const text of ['two', 'three']) await topic.publish(text)
    const second = await topic.subscribe({ name: 'billing' })
    const texts: string[] = []
    for await (const message of second) {
      texts.push(message.text())
      await message.delete()
      if (texts.length === 2) break
    }
    assert.equal(texts, ['two', 'three'])
    const [described] = await topic.subscriptions()
    assert.equal([described?.subscription, described?.target], ['billing', { queue: 't.billing' }])
    await topic.unsubscribe('billing')
    assert.equal([await topic.subscriptions(), await client.queues()], [[], []])
  }))

test('queues, streams, topics and functions get it, and the queue that is gone does not keep the others from it', () =>
  withClient(async (client, broker) => {
    const [from, to] = [client.topic('from'), client.topic('to')]
    await Promise.all([from.create(), to.create()])
    await client.queue('q').create()
    await client.queue('gone').create()
    await client.queue('letters').create()
    await client.stream('s').create()
    const seen: { Records: { Sns: { Message: string; MessageAttributes: object } }[] }[] = []
    await broker.handle('f', (event) => void seen.push(event as (typeof seen)[number]))
    await from.putSubscription('a', { target: { topic: 'to' } })
    await from.putSubscription('gone', { target: { queue: 'gone' }, deadLetter: 'letters' })
    await to.putSubscription('q', { target: { queue: 'q' } })
    await to.putSubscription('s', { target: { stream: 's' }, raw: false })
    await to.putSubscription('f', { target: { function: 'f' } })
    await client.queue('gone').delete()
    await from.publish({ data: 'hello', attributes: { a: 'b' }, group: 'g' })
    const body = async (queue: string) =>
      (await client.queue(queue).peek()).messages.map(({ data }) => Buffer.from(data).toString())
    assert.equal([await body('q'), await body('letters')], [['hello'], ['hello']])
    const { records } = await client.stream('s').read({ shard: 0, from: 'horizon' })
    assert.equal([records[0]?.key, JSON.parse(Buffer.from(records[0]?.data ?? []).toString()).Message], ['g', 'hello'])
    while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    assert.equal(seen[0]?.Records[0]?.Sns.MessageAttributes, { a: { Type: 'String', Value: 'b' } })
    const gone = (await from.subscriptions()).find(({ subscription }) => subscription === 'gone')
    assert.match(gone?.lastError ?? '', 'There is no queue gone')
    assert.is(await codeOf(to.putSubscription('back', { target: { topic: 'from' } })), 'invalid_field')
  }))

test('what is published in one turn travels together; each has an outcome of its own', () =>
  withClient(async (client) => {
    const topic = client.topic('t')
    await topic.create({ messageBytesMax: 1_024 })
    await client.queue('q').create()
    await topic.putSubscription('q', { target: { queue: 'q' } })
    const results = await Promise.allSettled([topic.publish('a'), topic.publish('x'.repeat(2_000)), topic.publish('b')])
    assert.equal(
      results.map((each) => (each.status === 'fulfilled' ? 'ok' : (each.reason as MillraceError).code)),
      ['ok', 'message_too_large', 'ok'],
    )
    assert.is((await client.queue('q').describe()).messages.visible, 2)
  }))

test('FIFO: what a group publishes reaches the queue in order, and once', () =>
  withClient(async (client) => {
    const topic = client.topic('t.fifo')
    await topic.create()
    await client.queue('q.fifo').create()
    await topic.putSubscription('q', { target: { queue: 'q.fifo' } })
    const sent = await Promise.all(
      Array.from({ length: 100 }, (_, i) => topic.publish({ data: `${i}`, group: 'g', deduplicationId: `${i % 50}` })),
    )
    assert.is(sent.filter(({ duplicate }) => duplicate).length, 50)
    assert.equal(
      sent.slice(50).map(({ id, sequence }) => [id, sequence]),
      sent.slice(0, 50).map(({ id, sequence }) => [id, sequence]),
    )
    const { messages } = await client.queue('q.fifo').peek({ limit: 100 })
    assert.equal(
      messages.map(({ data }) => Buffer.from(data).toString()),
      Array.from({ length: 50 }, (_, i) => `${i}`),
    )
    assert.is(await codeOf(topic.publish('no group')), 'group_required')
  }))

test('topics are created once, changed, listed and deleted; whoever listens is told', () =>
  withClient(async (client) => {
    const topic = client.topic('t')
    await topic.create({ tags: { a: 'b' } })
    assert.is(await codeOf(topic.create({ tags: { a: 'c' } })), 'topic_exists')
    assert.is((await topic.update({ messageBytesMax: 2_048 })).messageBytesMax, 2_048)
    assert.equal(
      (await client.topics()).map(({ name }) => name),
      ['t'],
    )
    assert.is(await codeOf(topic.subscribe({ filter: { a: 'b' } })), 'policy_invalid')
    assert.is(await codeOf(client.topic('none').subscribe()), 'topic_not_found')
    const listener = await topic.subscribe()
    await topic.delete()
    assert.is(await codeOf(listener.next()), 'topic_not_found')
    assert.is(await codeOf(topic.publish('x')), 'topic_not_found')
  }))

test('somebody who listens and takes nothing is cut off, and hears from then on again', () =>
  withClient(async (client) => {
    const topic = client.topic('t')
    await topic.create({ messageBytesMax: 1024 * 1024 })
    const listener = await topic.subscribe()
    const data = new Uint8Array(1024 * 1024)
    // More than the broker keeps for one listener and the connection holds.
    for (let i = 0; i < 64; i++) await Promise.all(Array.from({ length: 8 }, () => topic.publish(data)))
    let last: string | undefined
    const reading = (async () => {
      for await (const message of listener) {
        last = message.data.length === 1 ? message.text() : last
        if (last !== undefined) return
      }
    })()
    while (last === undefined) {
      await topic.publish('!')
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await reading
    assert.is(last, '!')
  }))

test.run()
