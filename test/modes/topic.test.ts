import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { ManualClock } from '../../broker/clock.ts'
import { Main, type MainOptions } from '../../broker/main.ts'
import { effectivePolicy, endpointDelivery } from '../../broker/modes/topic-delivery-policy.ts'
import { compileFilter } from '../../broker/modes/topic-filter.ts'
import { MillraceError } from '../../broker/wire/errors.ts'
import { retryDelayMillis } from '../../broker/wire/retry-schedule.ts'
import { suite } from '../suite.ts'

const test = suite('topics of the broker')
const owner = { region: 'us-east-1', account: '000000000000' }

async function withMain(work: (main: Main) => Promise<void>, options: MainOptions = { memory: true }): Promise<void> {
  const main = await Main.start(options)
  try {
    await work(main)
  } finally {
    await main.close()
  }
}

async function subscribe({ broker }: Main, topic: string, queue: string, settings: object = {}) {
  if (broker.queues.find(queue) === undefined) await broker.queues.create(queue, { fifo: queue.endsWith('.fifo') })
  return broker.topics.subscriptions.add(broker.topics.get(topic), {
    ...owner,
    id: queue.replace(/\.fifo$/, ''),
    protocol: 'queue',
    endpoint: queue,
    target: { kind: 'queue', queue },
    settings: { raw: true, filterScope: 'attributes', kept: {}, ...settings },
    origin: 'http://broker',
    confirm: false,
  })
}

async function publish({ broker }: Main, topic: string, text: string, more: object = {}) {
  return broker.topics.get(topic).publish({ body: Buffer.from(text), ...more })
}

/** What is in a queue, by looking. */
async function textsIn({ broker }: Main, name: string): Promise<string[]> {
  const queue = broker.queues.get(name)
  const texts: string[] = []
  for (let i = 0; i < queue.shard.next; i++) {
    if (queue.reader.find(i) === undefined) await queue.reader.load(i)
    texts.push(Buffer.from(queue.reader.find(i)?.envelope.body ?? []).toString())
  }
  return texts
}

const reasonOf = (work: () => unknown) => {
  try {
    work()
  } catch (error) {
    return error instanceof MillraceError ? error.message : String(error)
  }
  return 'nothing'
}

test('a filter policy has 5 keys and 150 combinations at most, deep keys counting for more', () => {
  const policy = (value: unknown) => reasonOf(() => compileFilter(JSON.stringify(value)))
  const values = (count: number) => Array.from({ length: count }, (_, i) => `v${i}`)
  assert.is(policy({ a: values(150) }), 'nothing')
  assert.match(policy({ a: values(151) }), 'Filter policy is too complex')
  assert.match(policy({ a: values(10), b: values(16) }), 'Filter policy is too complex')
  assert.is(policy({ a: { b: { c: values(50) } } }), 'nothing')
  assert.match(policy({ a: { b: { c: values(51) } } }), 'Filter policy is too complex')
  assert.match(policy({ a: ['x'], b: ['x'], c: ['x'], d: ['x'], e: ['x'], f: ['x'] }), 'more than 5 keys')
  assert.match(policy({ a: [{ wildcard: 'x*' }] }), 'Unrecognized match type wildcard')
  assert.match(policy({ a: 'x' }), 'must be an object or an array')
})

test('a delivery policy is that of the subscription, else of the topic, else the usual one; phases come in their order', () => {
  const retry = (topic: object | undefined, own: object | undefined) => {
    const text = (value: object | undefined) => value && JSON.stringify(value)
    const { retry: schedule } = endpointDelivery(effectivePolicy(text(topic), text(own)))
    return [0, 1, 2, 3, 4, 5, 6].map((i) => retryDelayMillis(schedule, i, 0))
  }
  const none = undefined
  assert.equal(retry(none, none), [20_000, 20_000, 20_000, none, none, none, none])
  const own = {
    healthyRetryPolicy: {
      numRetries: 5,
      numNoDelayRetries: 1,
      numMinDelayRetries: 1,
      numMaxDelayRetries: 1,
      minDelayTarget: 1,
      maxDelayTarget: 9,
    },
  }
  assert.equal(retry(none, own), [0, 1_000, 1_000, 9_000, 9_000, none, none])
  const topic = { http: { defaultHealthyRetryPolicy: { numRetries: 1, minDelayTarget: 5 } } }
  assert.equal(retry(topic, none).slice(0, 2), [5_000, none])
  assert.equal(retry(topic, own).slice(0, 2), [0, 1_000])
  assert.equal(retry({ http: { ...topic.http, disableSubscriptionOverrides: true } }, own).slice(0, 2), [5_000, none])
  for (const bad of [
    '{',
    '[]',
    '{"healthyRetryPolicy": {"numRetries": 101}}',
    '{"healthyRetryPolicy": {"minDelayTarget": 30}}',
    '{"throttlePolicy": {"maxReceivesPerSecond": 0}}',
  ])
    assert.not.equal(
      reasonOf(() => effectivePolicy(none, bad)),
      'nothing',
      bad,
    )
})

test('a restart knows topics, subscriptions, filters, and what was published in a FIFO topic before', async () => {
  const data = await mkdtemp(join(tmpdir(), 'millrace-test-'))
  try {
    let first: object = {}
    await withMain(
      async (main) => {
        const { topics } = main.broker
        await topics.create('t', {}, owner)
        await topics.create('f.fifo', { fifo: true }, owner)
        await subscribe(main, 't', 'some', { filter: '{"kind": ["a"]}' })
        await subscribe(main, 'f.fifo', 'q.fifo')
        first = await publish(main, 'f.fifo', 'one', { group: 'g', deduplicationId: '1' })
      },
      { data },
    )
    await withMain(
      async (main) => {
        const kind = (value: string) => ({ attributes: { kind: { type: 'String', value } } })
        await publish(main, 't', 'yes', kind('a'))
        await publish(main, 't', 'no', kind('b'))
        assert.equal(await textsIn(main, 'some'), ['yes'])
        const again = await publish(main, 'f.fifo', 'again', { group: 'g', deduplicationId: '1' })
        assert.equal(again, { ...first, duplicate: true })
        const next = await publish(main, 'f.fifo', 'two', { group: 'g', deduplicationId: '2' })
        assert.ok((next.sequence as number) > (again.sequence as number))
        assert.equal(await textsIn(main, 'q.fifo'), ['one', 'two'])
      },
      { data },
    )
  } finally {
    await rm(data, { recursive: true, force: true })
  }
})

test('a replay delivers what the archive has of a time, in order, to one subscription alone', async () => {
  const clock = new ManualClock()
  await withMain(
    async (main) => {
      const { topics } = main.broker
      await topics.create('f.fifo', { fifo: true, archiveDays: 2 }, owner)
      await subscribe(main, 'f.fifo', 'a.fifo')
      await subscribe(main, 'f.fifo', 'b.fifo', { filter: '{"kind": ["x"]}' })
      const times: number[] = []
      for (let i = 0; i < 6; i++) {
        times.push(clock.now())
        const attributes = { kind: { type: 'String', value: i % 2 === 0 ? 'x' : 'y' } }
        await publish(main, 'f.fifo', `${i}`, { group: 'g', deduplicationId: `${i}`, attributes })
        await clock.advance(1_000)
      }
      const topic = topics.get('f.fifo')
      const replay = { id: 'r', from: times[1] as number, to: times[4] as number }
      await topics.subscriptions.configure(topic, 'b', (settings) => ({ ...settings, replay }))
      while (topic.subscriptions.get('b')?.replayed?.finished !== true)
        await new Promise((resolve) => setTimeout(resolve, 5))
      assert.equal(await textsIn(main, 'a.fifo'), ['0', '1', '2', '3', '4', '5'])
      assert.equal(await textsIn(main, 'b.fifo'), ['0', '2', '4', '2', '4'])
      // What was asked for once is not done again.
      await topics.subscriptions.configure(topic, 'b', (settings) => ({ ...settings, raw: true }))
      assert.equal((await textsIn(main, 'b.fifo')).length, 5)
    },
    { memory: true, clock },
  )
})

test('a token is good for two days, and may come twice', async () => {
  const clock = new ManualClock()
  await withMain(
    async (main) => {
      const { topics } = main.broker
      await topics.create('t', {}, owner)
      const topic = topics.get('t')
      const made = (id: string) =>
        topics.subscriptions.add(topic, {
          ...owner,
          id,
          protocol: 'email',
          endpoint: `${id}@b`,
          target: { kind: 'mail', address: `${id}@b` },
          settings: { raw: false, filterScope: 'attributes', kept: {} },
          origin: 'http://broker',
          confirm: true,
        })
      const [one, two] = [await made('one'), await made('two')]
      assert.is((await topics.subscriptions.confirm(topic, one.token as string, false)).token, undefined)
      assert.is((await topics.subscriptions.confirm(topic, one.token as string, false)).id, 'one')
      await clock.advance(2 * 24 * 60 * 60 * 1_000 + 1)
      const late = await topics.subscriptions
        .confirm(topic, two.token as string, false)
        .catch((error: MillraceError) => error.code)
      assert.is(late, 'token_invalid')
    },
    { memory: true, clock },
  )
})

test.run()
