import * as assert from 'uvu/assert'
import { Retention } from '../../broker/log/retention.ts'
import type { Stream } from '../../broker/modes/stream.ts'
import { LmdbStore } from '../../broker/store/lmdb.ts'
import type { MillraceError } from '../../broker/wire/errors.ts'
import { BlockWriter } from '../../broker/wire/record.ts'
import { suite } from '../suite.ts'
import { type Floors, inMemory, onDisk, openFloors } from './harness.ts'

const test = suite('recovery and retention')
const bytes = (said: string) => new TextEncoder().encode(said)

/** Hears of a retention pass that failed, which none of these may. */
const failed = (error: unknown) => assert.unreachable(String(error))

async function putMany(stream: Stream, count: number, label = ''): Promise<void> {
  for (let i = 0; i < count; i++) await stream.put([{ key: `k${i}`, data: bytes(`${label}${i}`.padEnd(200)) }])
}

async function readAll(stream: Stream): Promise<string[]> {
  const seen: string[] = []
  for (const { shard } of stream.describe().shards) {
    for (let next: number | undefined = 0; next !== undefined; ) {
      const page = await stream.read(shard, { sequence: next }, { recordsMax: 50, bytesMax: 10_000 })
      seen.push(...page.records.map(({ data }) => Buffer.from(data).toString().trim()))
      next = page.records.length > 0 ? page.next : undefined
    }
  }
  return seen
}

test('a restart in the middle of any segment finds every record once, in order', () =>
  onDisk(async (open) => {
    const bounds = { segmentBytesMax: 3_000 }
    let total = 0
    for (let round = 0; round < 8; round++) {
      const floors: Floors = await open(bounds)
      const stream = round === 0 ? await floors.streams.create('s') : floors.streams.get('s')
      await putMany(stream, round * 5 + 1, `${round}-`)
      total += round * 5 + 1
      const seen = await readAll(stream)
      assert.is(seen.length, total)
      assert.equal(seen, [...seen].sort(byRoundAndPlace))
      await floors.close()
    }
  }))

function byRoundAndPlace(a: string, b: string): number {
  const [roundA = 0, placeA = 0] = a.split('-').map(Number)
  const [roundB = 0, placeB = 0] = b.split('-').map(Number)
  return roundA - roundB || placeA - placeB
}

for (const moment of ['before', 'after'] as const) {
  test(`a crash while a segment is sealed, ${moment} the segment itself is, leaves a directory that opens`, () =>
    onDisk(async (open, path) => {
      const bounds = { segmentBytesMax: 1_000 }
      const store = await LmdbStore.open(path, { segmentBytes: bounds.segmentBytesMax })
      const floors = await openFloors(store, bounds)
      const seal = store.seal.bind(store)
      let crashes = false
      store.seal = async (index) => {
        if (!crashes || moment === 'after') await seal(index)
        if (crashes) throw new Error('the power is gone')
      }
      const stream = await floors.streams.create('s', { shards: 2 })
      const blocks: Uint8Array[] = []
      const stored: number[] = []
      for (let i = 0; ; i++) {
        // Three segments hold what the producer's window does, so that the restart has to put it together.
        if (i === 20) crashes = true
        blocks.push(blockOf(7, i))
        const base = await append(stream, blocks[i] as Uint8Array)
        if (base === undefined) break
        stored.push(base)
      }
      await floors.close()
      const again = await open(bounds)
      const found = again.streams.get('s')
      assert.is((await readAll(found)).length, stored.length)
      for (const i of [8, 7, 6, 5, 4, 3, 2, 1].map((back) => stored.length - back)) {
        assert.is(await append(found, blocks[i] as Uint8Array), stored[i], `block ${i} is known`)
      }
      assert.is(await append(found, blocks[stored.length] as Uint8Array), stored.length, 'and the next one is new')
      await again.close()
    }))
}

function blockOf(producer: number, sequence: number): Uint8Array {
  const writer = new BlockWriter()
  writer.add('key', bytes(`${sequence}`.padEnd(200)))
  return writer.finish(producer, sequence)
}

/** The sequence of a block's record; undefined when it was refused. */
function append(stream: Stream, block: Uint8Array): Promise<number | undefined> {
  return new Promise((resolve) =>
    stream.append(0, block.slice(), { committed: (base) => resolve(base), failed: () => resolve(undefined) }),
  )
}

test('checkpoints in the journal survive a restart, before and after segments were sealed', () =>
  onDisk(async (open) => {
    const bounds = { segmentBytesMax: 3_000 }
    const first = await open(bounds)
    const stream = await first.streams.create('s')
    await stream.checkpoint('early', new Map([[0, { next: 3 }]]))
    await putMany(stream, 60)
    await stream.checkpoint('late', new Map([[0, { next: 44 }]]))
    await stream.checkpoint('gone', new Map([[0, { next: 1 }]]))
    await stream.deleteConsumer('gone')
    await first.close()
    const second = await open(bounds)
    const again = second.streams.get('s')
    assert.equal(
      again.consumers().map(({ consumer, shards }) => [consumer, shards[0]?.next]),
      [
        ['early', 3],
        ['late', 44],
      ],
    )
    await second.close()
  }))

test('damage in the open segment is found at the start and said', () =>
  onDisk(async (open, path) => {
    const first = await open()
    await putMany(await first.streams.create('s'), 5)
    await first.close()
    const store = await LmdbStore.open(path)
    // A commit that is no frames stands for bytes that the disk changed.
    await store.append(Buffer.from('not what was written, but long enough to hold a header'))
    await store.close()
    await open().then(
      () => assert.unreachable('damaged data must not be taken up'),
      (error: MillraceError) => assert.is(error.code, 'store_corrupt'),
    )
  }))

test('segments of which all is expired are unlinked, and sequences go on', () =>
  onDisk(async (open) => {
    const bounds = { segmentBytesMax: 3_000, retentionPassMillis: 1_000 }
    const floors = await open(bounds)
    const failures: unknown[] = []
    const retention = new Retention(floors.logs, Number.POSITIVE_INFINITY, (error) => failures.push(error))
    const stream = await floors.streams.create('s', { retentionMillis: 60_000 })
    await putMany(stream, 50, 'old')
    const segments = floors.store.segments().length
    await floors.clock.advance(50_000)
    await putMany(stream, 20, 'new')
    assert.ok(floors.store.segments().length > segments)
    await floors.clock.advance(30_000)
    await retention.run()
    assert.ok(floors.store.segments().length < segments)
    assert.equal(
      await readAll(stream),
      Array.from({ length: 20 }, (_, i) => `new${i}`),
    )
    assert.is(stream.describe().shards[0]?.next, 70)
    await floors.clock.advance(90_000)
    await retention.run()
    assert.equal(await readAll(stream), [])
    await retention.close()
    assert.equal(failures, [])
    await floors.close()
    const again = await open(bounds)
    const kept = again.streams.get('s')
    assert.is(kept.describe().shards[0]?.next, 70)
    await putMany(kept, 1, 'after')
    assert.is(kept.describe().shards[0]?.next, 71)
    await again.close()
  }))

test('a log over its size loses its oldest segments, retention or not', () =>
  onDisk(async (open) => {
    const floors = await open({ segmentBytesMax: 3_000 })
    const stream = await floors.streams.create('s')
    const retention = new Retention(floors.logs, 9_000, failed)
    await putMany(stream, 100)
    await retention.run()
    const size = floors.store.segments().reduce((sum, segment) => sum + segment.bytes, 0)
    assert.ok(size <= 9_000, `${size} bytes`)
    const seen = await readAll(stream)
    assert.ok(seen.length > 5 && seen.length < 100)
    assert.is(seen.at(-1), '99')
    await retention.close()
    await floors.close()
  }))

test('a stream that keeps its records long keeps them in a segment shared with one that does not', () =>
  inMemory(
    async (floors) => {
      const short = await floors.streams.create('short', { retentionMillis: 1_000 })
      const long = await floors.streams.create('long', { retentionMillis: 1_000_000 })
      const retention = new Retention(floors.logs, Number.POSITIVE_INFINITY, failed)
      for (let i = 0; i < 20; i++) {
        await putMany(short, 1)
        await putMany(long, 1)
      }
      await floors.clock.advance(10_000)
      await retention.run()
      assert.equal(await readAll(short), [])
      assert.is((await readAll(long)).length, 20)
      await retention.close()
    },
    { segmentBytesMax: 2_000 },
  ))

test('a closed shard is forgotten with its last records', () =>
  inMemory(async (floors) => {
    const stream = await floors.streams.create('s', { retentionMillis: 10_000 })
    const retention = new Retention(floors.logs, Number.POSITIVE_INFINITY, failed)
    await putMany(stream, 3)
    await stream.split(0)
    await floors.clock.advance(9_000)
    await retention.run()
    assert.is(stream.describe().shards.length, 3)
    await floors.clock.advance(2_000)
    await retention.run()
    assert.equal(
      stream.describe().shards.map(({ shard }) => shard),
      [1, 2],
    )
    assert.is((await stream.put([{ key: 'k', data: bytes('x') }])).length, 1)
    await retention.close()
  }))

test('a deleted stream stays deleted over a restart, and a new one of its name is empty', () =>
  onDisk(async (open) => {
    const first = await open()
    await putMany(await first.streams.create('s'), 10)
    await first.streams.delete('s')
    await putMany(await first.streams.create('s'), 2, 'second ')
    await first.close()
    const second = await open()
    assert.equal(await readAll(second.streams.get('s')), ['second 0', 'second 1'])
    await second.close()
  }))

test('a million-commit bound: a segment is sealed by count and by age as well as by size', () =>
  inMemory(
    async (floors) => {
      const stream = await floors.streams.create('s')
      await putMany(stream, 11)
      assert.is(floors.store.segments().length, 2)
      await floors.clock.advance(120_000)
      await putMany(stream, 1)
      assert.is(floors.store.segments().length, 3)
      assert.is((await readAll(stream)).length, 12)
    },
    { segmentCommitsMax: 10, segmentAgeMillisMax: 60_000 },
  ))

test('two brokers cannot hold one directory', () =>
  onDisk(async (open, path) => {
    const first = await open()
    await LmdbStore.open(path).then(
      () => assert.unreachable('it is taken'),
      (error: MillraceError) => {
        assert.is(error.code, 'store_locked')
        assert.is(error.details['pid'], String(process.pid))
      },
    )
    await first.close()
    const second = await openFloors(await LmdbStore.open(path))
    await second.close()
  }))

test('the number of a deleted stream is not given again, since segments still hold records that carry it', () =>
  onDisk(async (open) => {
    const first = await open()
    const gone = await first.streams.create('gone')
    await gone.put([{ key: 'k', data: new Uint8Array(1) }])
    await first.streams.delete('gone')
    await first.close()
    const second = await open()
    const stream = await second.streams.create('new')
    assert.is.not(stream.number, gone.number)
    await stream.put([{ key: 'k', data: new Uint8Array(2) }])
    await second.close()
    const third = await open()
    const { records } = await third.streams.get('new').read(0, 'horizon', { recordsMax: 10, bytesMax: 1_000 })
    assert.equal(
      records.map(({ data }) => data.length),
      [2],
    )
    await third.close()
  }))

test.run()
