import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { Retention } from '../../broker/log/retention.ts'
import { headsPrefix } from '../../broker/log/sealing.ts'
import { suite } from '../suite.ts'
import { inMemory, onDisk } from './harness.ts'
import { putMany, readAll } from './records.ts'

const test = suite('retention')
const bytes = (said: string) => new TextEncoder().encode(said)

/** Hears of a pass that failed, which none of these may. */
const failed = (error: unknown) => assert.unreachable(String(error))

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

test('a crash between the removal of a segment and that of its heads leaves no heads behind', () =>
  onDisk(async (open) => {
    const bounds = { segmentBytesMax: 2_000 }
    const first = await open(bounds)
    await putMany(await first.streams.create('s'), 40)
    const { end } = first.store.segments()[1] as { end: number }
    await first.store.trim(end)
    await first.close()
    const second = await open(bounds)
    const sealed = second.store.segments().filter((segment) => segment.sealed)
    assert.is((await second.store.entries(headsPrefix)).length, sealed.length)
    const left = await readAll(second.streams.get('s'))
    assert.is(left.at(-1), '39')
    assert.is(left.length, 40 - end)
    await second.close()
  }))

test('segments that were moved away, the oldest first, are as if retention had removed them', () =>
  onDisk(async (open, path) => {
    const bounds = { segmentBytesMax: 2_000 }
    const first = await open(bounds)
    await putMany(await first.streams.create('s'), 40)
    await first.close()
    const segments = readdirSync(path).filter((name) => /^log-\d+\.mdb$/.test(name))
    for (const name of segments.slice(0, 2)) rmSync(join(path, name))
    const second = await open(bounds)
    const left = await readAll(second.streams.get('s'))
    assert.ok(left.length < 40 && left.length > 0)
    assert.equal(
      left,
      Array.from({ length: left.length }, (_, i) => `${40 - left.length + i}`),
    )
    await putMany(second.streams.get('s'), 1, 'after ')
    assert.is((await readAll(second.streams.get('s'))).at(-1), 'after 0')
    await second.close()
  }))

test('a reader at the oldest record goes on at the oldest that is kept, and loses nothing behind it', () =>
  inMemory(
    async (floors) => {
      const stream = await floors.streams.create('s')
      await putMany(stream, 60)
      const cursor = floors.logs.cursor(stream.log.shard(0), 0)
      await cursor.read(500)
      const retention = new Retention(floors.logs, 4_000, failed)
      await retention.run()
      const { first } = stream.log.shard(0)
      assert.ok(first > cursor.position)
      let next = first
      while ((await cursor.read(1_000)) !== undefined) {
        assert.ok(cursor.position > next)
        next = cursor.position
      }
      assert.is(next, 60)
      await retention.close()
    },
    { segmentBytesMax: 2_000 },
  ))

test.run()
