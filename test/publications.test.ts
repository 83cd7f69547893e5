import * as assert from 'uvu/assert'
import { Main } from '../broker/main.ts'
import { MemoryStore } from '../broker/store/memory.ts'
import { MillraceError } from '../broker/wire/errors.ts'
import { suite } from './suite.ts'

const test = suite('publications')

const body = (text: string) => Buffer.from(text)

async function withMain(work: (main: Main) => Promise<void>, store?: MemoryStore): Promise<void> {
  const main = await Main.start({ memory: true }, store === undefined ? {} : { store })
  try {
    await work(main)
  } finally {
    await main.close()
  }
}

async function textsIn({ broker }: Main, queue: string): Promise<string[]> {
  const signal = new AbortController().signal
  const messages = await broker.queues.get(queue).receive({ max: 100, waitMillis: 0, signal })
  return messages.map((each) => Buffer.from(each.body).toString())
}

/** Counts commits, and fails them when it is told to. */
class WatchedStore extends MemoryStore {
  appends = 0
  failing = false
  override async append(bytes: Uint8Array): Promise<number> {
    this.appends++
    if (this.failing) throw new MillraceError('store_full', { reason: 'the test says so' })
    return super.append(bytes)
  }
}

test('queues and streams get it in one commit, whoever publishes in the same turn', () => {
  const store = new WatchedStore()
  return withMain(async (main) => {
    const { queues, streams, publications } = main.broker
    for (const name of ['a', 'b']) await queues.create(name)
    const stream = await streams.create('s', { shards: 4 })
    const before = store.appends
    const all = Array.from({ length: 50 }, (_, i) => {
      const publication = publications.begin()
      publication.toQueue('a', { body: body(`a${i}`) })
      publication.toQueue('b', { body: body(`b${i}`) })
      publication.toStream('s', { key: `${i}`, data: body(`s${i}`) })
      return publication.commit()
    })
    await Promise.all(all)
    assert.is(store.appends - before, 1)
    assert.equal(
      await textsIn(main, 'a'),
      Array.from({ length: 50 }, (_, i) => `a${i}`),
    )
    assert.is((await textsIn(main, 'b')).length, 50)
    const shards = [...stream.log.shards.values()]
    assert.is(
      shards.reduce((sum, { next }) => sum + next, 0),
      50,
    )
  }, store)
})

test('a commit that fails leaves nothing anywhere, and frees deduplication ids', () => {
  const store = new WatchedStore()
  return withMain(async (main) => {
    const { queues, publications } = main.broker
    await queues.create('a')
    await queues.create('f.fifo', { fifo: true })
    const publish = () => {
      const publication = publications.begin()
      publication.toQueue('a', { body: body('x') })
      publication.toQueue('f.fifo', { body: body('x'), group: 'g', deduplicationId: 'once' })
      return publication.commit()
    }
    store.failing = true
    const error = await publish().then(
      () => undefined,
      (each: MillraceError) => each.code,
    )
    store.failing = false
    assert.is(error, 'store_full')
    assert.equal([await textsIn(main, 'a'), await textsIn(main, 'f.fifo')], [[], []])
    await Promise.all([publish(), publish()])
    assert.equal([await textsIn(main, 'a'), await textsIn(main, 'f.fifo')], [['x', 'x'], ['x']])
  }, store)
})

test('what was sent before is published without storing anything, and what is the same for several queues is there in each', () =>
  withMain(async (main) => {
    const { queues, publications } = main.broker
    for (const name of ['a', 'b', 'c']) await queues.create(name, name === 'c' ? { delayMillis: 60_000 } : {})
    await queues.create('f.fifo', { fifo: true })
    for (let i = 0; i < 2; i++) {
      const publication = publications.begin()
      publication.toQueue('f.fifo', { body: body('x'), group: 'g', deduplicationId: 'once' })
      await publication.commit()
    }
    assert.equal(await textsIn(main, 'f.fifo'), ['x'])
    const publication = publications.begin()
    const same = { body: body('same'), attributes: { k: { type: 'String', value: 'v' } } }
    for (const name of ['a', 'b', 'c']) publication.toQueue(name, { ...same })
    publication.toQueue('a', { body: same.body, group: 'g' })
    await publication.commit()
    const signal = new AbortController().signal
    const received = await queues.get('a').receive({ max: 10, waitMillis: 0, signal })
    assert.equal(
      received.map(({ body: each, group, attributes }) => [Buffer.from(each).toString(), group, attributes]),
      [
        ['same', undefined, same.attributes],
        ['same', 'g', undefined],
      ],
    )
    assert.equal(await textsIn(main, 'b'), ['same'])
    assert.equal(await textsIn(main, 'c'), [])
    assert.is((await queues.get('c').describe()).delayed, 1)
  }))

test('what cannot be taken is said at once; a queue that is deleted meanwhile takes the whole with it', () =>
  withMain(async (main) => {
    const { queues, publications } = main.broker
    await queues.create('a')
    await queues.create('gone')
    const publication = publications.begin()
    assert.throws(() => publication.toQueue('missing', { body: body('x') }), /no queue missing/)
    assert.throws(() => publication.toStream('missing', { key: 'k', data: body('x') }), /no stream missing/)
    publication.toQueue('a', { body: body('x') })
    publication.toQueue('gone', { body: body('x') })
    await queues.delete('gone')
    const error = await publication.commit().then(
      () => undefined,
      (each: MillraceError) => each.code,
    )
    assert.is(error, 'queue_not_found')
    assert.equal(await textsIn(main, 'a'), [])
    const large = publications.begin()
    for (let i = 0; i < 40; i++) large.toQueue('a', { body: new Uint8Array(1024 * 1024) })
    const refused = await large.commit().then(
      () => undefined,
      (each: MillraceError) => each.code,
    )
    assert.is(refused, 'publication_too_large')
  }))

test('a stream that is being split is waited for, and its children get the records', () =>
  withMain(async (main) => {
    const { queues, streams, publications } = main.broker
    await queues.create('a')
    const stream = await streams.create('s')
    const publish = (i: number) => {
      const publication = publications.begin()
      publication.toQueue('a', { body: body(`${i}`) })
      publication.toStream('s', { key: `${i}`, data: body(`${i}`) })
      return publication.commit()
    }
    const work: Promise<unknown>[] = []
    for (let i = 0; i < 300; i++) {
      if (i === 100) work.push(stream.split(0))
      if (i === 200) await Promise.all(work)
      work.push(publish(i))
      if (i % 10 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await Promise.all(work)
    const shards = [...stream.log.shards.values()]
    assert.is(shards.length, 3)
    assert.is(
      shards.reduce((sum, { next }) => sum + next, 0),
      300,
    )
    const { visible } = await queues.get('a').describe()
    assert.is(visible, 300)
  }))

test('hidden queues are in no list, found by no name, and gone with their route', () =>
  withMain(async (main) => {
    const { queues, bindings, publications } = main.broker
    const route = await bindings.create({
      name: 'r',
      source: { kind: 'bus', name: 'b', route: 'x', queue: '~r', arn: 'arn:aws:events:us-east-1:000000000000:rule/x' },
      filter: [],
      batch: { recordsMax: 1, windowMillis: 0, parallel: 1, partial: false },
      target: { kind: 'http', url: 'http://127.0.0.1:1/' },
      retry: { retriesMax: null, ageMillisMax: null, bisect: false },
      delivery: { ageMillisMax: null, retry: [], atOnce: 1 },
      paused: true,
      region: 'us-east-1',
      account: '000000000000',
    })
    assert.is(bindings.describe(route).dormant, true)
    const publication = publications.begin()
    publication.toHidden(route as Parameters<typeof publication.toHidden>[0], { id: '1', payload: body('x'), time: 0 })
    await publication.commit()
    assert.equal(queues.list(), [])
    assert.is(queues.find('~r'), undefined)
    assert.is(bindings.describe(route).lag, 1)
    assert.throws(() => bindings.getOwn('r'), /way out of bus b/)
    await bindings.delete('r')
    assert.is(queues.hidden('~r'), undefined)
  }))

test.run()
