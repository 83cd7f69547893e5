import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { MillraceError } from '../../broker/wire/errors.ts'
import { Producer } from '../../client/producer.ts'
import type { PutResult } from '../../client/put-sinks.ts'
import { announcedSeed, ChaosBroker, SeededRandom } from './chaos.ts'

const test = suite('producer')
const seed = announcedSeed()

/** Everything in the log, shard by shard in order, parents before children. */
async function everything(
  chaos: ChaosBroker,
): Promise<{ shard: number; sequence: number; key: string; text: string }[]> {
  const stream = chaos.broker.streams.get('s')
  const all = []
  for (const shard of stream.log.shards.values()) {
    let from = 0
    for (;;) {
      const page = await stream.read(shard.number, { sequence: from }, { recordsMax: 10_000, bytesMax: 1 << 24 })
      if (page.records.length === 0) break
      for (const { sequence, key, data } of page.records) {
        all.push({ shard: shard.number, sequence, key, text: Buffer.from(data).toString() })
      }
      from = page.next
    }
  }
  return all
}

/** Splits or merges some open shard. */
async function reshard(chaos: ChaosBroker, random: SeededRandom): Promise<void> {
  const stream = chaos.broker.streams.get('s')
  const open = stream.log.openShards.sort((a, b) => (a.range.start < b.range.start ? -1 : 1))
  const at = random.below(open.length)
  const [shard, next] = [open[at], open[at + 1]]
  if (shard === undefined) return
  if (next !== undefined && random.chance(0.5)) await stream.merge(shard.number, next.number)
  else await stream.split(shard.number)
}

async function round(
  random: SeededRandom,
  options: { breaks: number; full: number; reshards: boolean },
): Promise<number> {
  const chaos = await ChaosBroker.open(random, options)
  await chaos.broker.streams.create('s', { shards: 1 + random.below(4) })
  const producer = new Producer(chaos, '/v1/streams/s', { blockBytes: 200 + random.below(2000) }, () => undefined)
  const total = 400
  const places = new Map<string, string>()
  const puts: Promise<void>[] = []
  const record = (i: number) => ({
    key: `k${i % 11}`,
    data: `${i}`,
    ...(random.chance(0.1) ? { headers: { i: `${i}` } } : {}),
  })
  const note = (i: number, { shard, sequence }: PutResult) => void places.set(`${i}`, `${shard}/${sequence}`)
  for (let i = 0; i < total; ) {
    const first = i
    const count = random.chance(0.2) ? Math.min(1 + random.below(10), total - first) : 1
    i += count
    if (count === 1) puts.push(producer.put(record(first)).then((result) => note(first, result)))
    else {
      const list = Array.from({ length: count }, (_, place) => record(first + place))
      puts.push(
        producer.putAll(list).then((results) => {
          for (const [place, result] of results.entries()) note(first + place, result)
        }),
      )
    }
    if (random.chance(0.1)) await new Promise((resolve) => setImmediate(resolve))
    if (options.reshards && random.chance(0.02)) await reshard(chaos, random)
  }
  await Promise.all(puts)
  await producer.close()
  const log = await everything(chaos)
  assert.is(log.length, total, 'every record is there once')
  const last = new Map<string, number>()
  for (const { shard, sequence, key, text } of log) {
    assert.is(places.get(text), `${shard}/${sequence}`, 'each put was told its place')
    assert.ok(Number(text) > (last.get(key) ?? -1), `${key}: ${text} lies behind ${last.get(key)}`)
    last.set(key, Number(text))
  }
  await chaos.close()
  return chaos.broken
}

test('over connections that break, nothing is lost, doubled or out of order', async () => {
  const random = new SeededRandom(seed)
  let broken = 0
  for (let i = 0; i < 12; i++) broken += await round(random, { breaks: 0.1, full: 0, reshards: false })
  assert.ok(broken > 10, 'the test breaks connections')
})

test('on a disk that is full now and then, nothing is lost, doubled or out of order', async () => {
  const random = new SeededRandom(seed + 1)
  for (let i = 0; i < 12; i++) await round(random, { breaks: 0, full: 0.3, reshards: false })
})

test('while shards are split and merged, nothing is lost, doubled or out of order', async () => {
  const random = new SeededRandom(seed + 2)
  for (let i = 0; i < 12; i++) await round(random, { breaks: 0, full: 0, reshards: true })
})

test('with all of that at once, nothing is lost, doubled or out of order', async () => {
  const random = new SeededRandom(seed + 3)
  for (let i = 0; i < 20; i++) await round(random, { breaks: 0.05, full: 0.1, reshards: true })
})

test('a list that holds a record which cannot be stored rejects once the others are settled, and those are stored', async () => {
  const chaos = await ChaosBroker.open(new SeededRandom(seed), { breaks: 0, full: 0 })
  await chaos.broker.streams.create('s')
  const producer = new Producer(chaos, '/v1/streams/s', {}, () => undefined)
  assert.equal(await producer.putAll([]), [])
  const list = ['a', '', 'b'].map((key) => ({ key, data: `of ${key}` }))
  try {
    await producer.putAll(list)
    assert.unreachable('a record without a key cannot be stored')
  } catch (error) {
    assert.is((error as MillraceError).code, 'invalid_field')
  }
  assert.equal(
    (await everything(chaos)).map(({ key }) => key),
    ['a', 'b'],
  )
  await producer.close()
  await chaos.close()
})

test.run()
