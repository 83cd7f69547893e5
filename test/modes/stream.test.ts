import * as assert from 'uvu/assert'
import type { Stream } from '../../broker/modes/stream.ts'
import type { PutResult } from '../../broker/modes/stream-records.ts'
import { MillraceError } from '../../broker/wire/errors.ts'
import { inMemory, onDisk } from '../log/harness.ts'
import { suite } from '../suite.ts'

const test = suite('stream')
const text = (data: Uint8Array) => Buffer.from(data).toString()
const bytes = (said: string) => new TextEncoder().encode(said)

async function put(stream: Stream, ...records: [key: string, data: string][]): Promise<PutResult[]> {
  const results = await stream.put(records.map(([key, data]) => ({ key, data: bytes(data) })))
  return results.map((result) => {
    if (result instanceof MillraceError) throw result
    return result
  })
}

async function readAll(stream: Stream, shard: number): Promise<string[]> {
  const page = await stream.read(shard, 'horizon', { recordsMax: 10_000, bytesMax: 10_000_000 })
  return page.records.map((record) => text(record.data))
}

test('what was put is read back: key, data, headers, time, in order, sequences from 0 without a gap', () =>
  inMemory(async ({ streams, clock }) => {
    const stream = await streams.create('orders')
    await stream.put([{ key: 'a', data: bytes('1'), headers: { trace: 'x' } }])
    await clock.advance(1_000)
    await put(stream, ['b', '2'], ['c', '3'])
    const { records, next, behindMillis } = await stream.read(0, 'horizon', { recordsMax: 10, bytesMax: 1_000 })
    assert.equal(
      records.map(({ sequence, key, data, headers, time }) => [sequence, key, text(data), headers, time - clock.now()]),
      [
        [0, 'a', '1', { trace: 'x' }, -1_000],
        [1, 'b', '2', {}, 0],
        [2, 'c', '3', {}, 0],
      ],
    )
    assert.is(next, 3)
    assert.is(behindMillis, 0)
  }))

test('records of one key stay in one shard, in order, and all shards together hold each record once', () =>
  inMemory(async ({ streams }) => {
    const stream = await streams.create('many', { shards: 7 })
    const results = await put(
      stream,
      ...Array.from({ length: 500 }, (_, i) => [`k${i % 50}`, `${i}`] as [string, string]),
    )
    const shardOfKey = new Map<number, number>()
    for (const [i, result] of results.entries()) {
      const known = shardOfKey.get(i % 50) ?? result.shard
      assert.is(result.shard, known)
      shardOfKey.set(i % 50, result.shard)
    }
    const seen: number[] = []
    for (let shard = 0; shard < 7; shard++) {
      const numbers = (await readAll(stream, shard)).map(Number)
      assert.equal(
        numbers,
        [...numbers].sort((a, b) => a - b),
        'order within a shard',
      )
      seen.push(...numbers)
    }
    assert.equal(
      seen.sort((a, b) => a - b),
      Array.from({ length: 500 }, (_, i) => i),
    )
  }))

test('reading starts at horizon, latest, a sequence or a time', () =>
  inMemory(async ({ streams, clock }) => {
    const stream = await streams.create('times')
    const start = clock.now()
    for (let i = 0; i < 5; i++) {
      await put(stream, ['k', `${i}`])
      await clock.advance(1_000)
    }
    const from = async (where: Parameters<Stream['read']>[1]) =>
      (await stream.read(0, where, { recordsMax: 100, bytesMax: 1e6 })).records.map(({ sequence }) => sequence)
    assert.equal(await from('horizon'), [0, 1, 2, 3, 4])
    assert.equal(await from('latest'), [])
    assert.equal(await from({ sequence: 3 }), [3, 4])
    assert.equal(await from({ time: start }), [0, 1, 2, 3, 4])
    assert.equal(await from({ time: start + 1 }), [1, 2, 3, 4])
    assert.equal(await from({ time: start + 3_000 }), [3, 4])
    assert.equal(await from({ time: start + 3_001 }), [4])
    assert.equal(await from({ time: start + 60_000 }), [])
  }))

test('a page ends at its bounds and goes on where it ended', () =>
  inMemory(async ({ streams }) => {
    const stream = await streams.create('pages')
    await put(stream, ...Array.from({ length: 25 }, (_, i) => ['k', `${i}`] as [string, string]))
    const seen: string[] = []
    let pages = 0
    for (let next = 0; ; pages++) {
      const page = await stream.read(0, { sequence: next }, { recordsMax: 10, bytesMax: 1e6 })
      if (page.records.length === 0) break
      seen.push(...page.records.map(({ data }) => text(data)))
      next = page.next
    }
    assert.is(pages, 3)
    assert.equal(
      seen,
      Array.from({ length: 25 }, (_, i) => `${i}`),
    )
    const small = await stream.read(0, 'horizon', { recordsMax: 100, bytesMax: 7 })
    assert.is(small.records.length, 3, 'a byte bound ends a page too')
    const one = await stream.read(0, 'horizon', { recordsMax: 100, bytesMax: 1 })
    assert.is(one.records.length, 1, 'one record always fits')
  }))

test('a split shard is read to its end, then names its children, which own the two halves', () =>
  inMemory(async ({ streams }) => {
    const stream = await streams.create('split')
    await put(stream, ['a', 'before'])
    await stream.split(0)
    const [parent, low, high] = stream.describe().shards
    assert.is(parent?.status, 'closed')
    assert.equal(parent?.children, [1, 2])
    assert.equal([low?.parents, high?.parents], [[0], [0]])
    assert.is(BigInt(low?.hashRange.end ?? 0) + 1n, BigInt(high?.hashRange.start ?? 0))
    const page = await stream.read(0, 'horizon', { recordsMax: 10, bytesMax: 1e6 })
    assert.equal(page.children, [1, 2])
    const results = await put(
      stream,
      ...Array.from({ length: 40 }, (_, i) => [`key-${i}`, 'after'] as [string, string]),
    )
    assert.equal([...new Set(results.map(({ shard }) => shard))].sort(), [1, 2])
  }))

test('two adjacent shards merge; two that are not are refused', () =>
  inMemory(async ({ streams }) => {
    const stream = await streams.create('merge', { shards: 3 })
    await stream.merge(0, 2).then(
      () => assert.unreachable('0 and 2 do not touch'),
      (error: MillraceError) => assert.is(error.code, 'not_adjacent'),
    )
    await stream.merge(2, 1)
    const child = stream.describe().shards.find(({ shard }) => shard === 3)
    assert.equal(child?.parents, [2, 1])
    const [, one, two] = stream.describe().shards
    assert.is(child?.hashRange.start, one?.hashRange.start)
    assert.is(child?.hashRange.end, two?.hashRange.end)
    await stream.split(1).then(
      () => assert.unreachable('1 is closed'),
      (error: MillraceError) => assert.is(error.code, 'shard_closed'),
    )
  }))

test('splitting under load loses nothing and keeps the order of each key', () =>
  inMemory(async ({ streams }) => {
    const stream = await streams.create('load', { shards: 2 })
    const puts: Promise<unknown>[] = []
    const key = (i: number) => `k${i % 10}`
    for (let i = 0; i < 300; i++) {
      puts.push(putUntilTaken(stream, key(i), `${i}`))
      if (i === 100) puts.push(stream.split(0))
      if (i === 200) puts.push(stream.merge(1, 3))
      if (i % 7 === 0) await Promise.all(puts.splice(0))
    }
    await Promise.all(puts)
    const seen: string[] = []
    for (const { shard } of stream.describe().shards) seen.push(...(await readAll(stream, shard)))
    assert.equal(
      seen.map(Number).sort((a, b) => a - b),
      Array.from({ length: 300 }, (_, i) => i),
    )
  }))

async function putUntilTaken(stream: Stream, key: string, data: string): Promise<void> {
  for (;;) {
    const [result] = await stream.put([{ key, data: bytes(data) }])
    if (!(result instanceof MillraceError)) return
    if (!result.retryable) throw result
  }
}

test('a record over the limit is refused alone, and a raised limit lets it in', () =>
  inMemory(async ({ streams }) => {
    const stream = await streams.create('large')
    const large = new Uint8Array(2 * 1024 * 1024)
    const results = await stream.put([
      { key: 'a', data: large },
      { key: 'b', data: bytes('small') },
    ])
    assert.is((results[0] as MillraceError).code, 'record_too_large')
    assert.is((results[1] as PutResult).sequence, 0)
    await stream.update({ recordBytesMax: 10 * 1024 * 1024 })
    const [taken] = await stream.put([{ key: 'a', data: large }])
    assert.is((taken as PutResult).sequence, 1)
    const page = await stream.read(0, { sequence: 1 }, { recordsMax: 1, bytesMax: 1 })
    assert.is(page.records[0]?.data.length, large.length)
  }))

test('what retention no longer grants is not given out', () =>
  inMemory(async ({ streams, clock }) => {
    const stream = await streams.create('short', { retentionMillis: 10_000 })
    await put(stream, ['k', 'old'])
    await clock.advance(6_000)
    await put(stream, ['k', 'newer'])
    assert.equal(await readAll(stream, 0), ['old', 'newer'])
    await clock.advance(5_000)
    assert.equal(await readAll(stream, 0), ['newer'])
    await stream.update({ retentionMillis: 20_000 })
    assert.equal(await readAll(stream, 0), ['old', 'newer'], 'what is still there comes back with a longer retention')
  }))

test('an explicit hash key chooses the shard', () =>
  inMemory(async ({ streams }) => {
    const stream = await streams.create('explicit', { shards: 4 })
    const quarter = 2n ** 126n
    const results = await stream.put(
      [0n, quarter - 1n, quarter, 2n ** 128n - 1n].map((hashKey) => ({ key: 'same', data: bytes('x'), hashKey })),
    )
    assert.equal(
      results.map((result) => (result as PutResult).shard),
      [0, 0, 1, 3],
    )
  }))

test('names are taken once, unknown ones are said to be unknown, deleted ones are free again', () =>
  inMemory(async ({ streams }) => {
    const first = await streams.create('name')
    await put(first, ['k', 'of the first'])
    await streams.create('name').then(
      () => assert.unreachable('it exists'),
      (error: MillraceError) => assert.is(error.code, 'stream_exists'),
    )
    await streams.delete('name')
    assert.throws(
      () => streams.get('name'),
      (error: MillraceError) => error.code === 'stream_not_found',
    )
    const [refused] = await first.put([{ key: 'k', data: bytes('too late') }])
    assert.is((refused as MillraceError).code, 'stream_not_found')
    const second = await streams.create('name')
    assert.equal(await readAll(second, 0), [])
  }))

test('what waits behind the deletion of a stream finds it gone, and brings nothing of it back', () =>
  inMemory(async ({ streams, store, logs }) => {
    const stream = await streams.create('s', { shards: 2 })
    const code = (error: MillraceError) => error.code
    const deleting = streams.delete('s')
    const late = [
      stream.update({ retentionMillis: 9_000 }),
      stream.split(0),
      stream.merge(0, 1),
      streams.delete('s'),
    ].map((each) => each.then(() => 'done', code))
    await deleting
    assert.equal(await Promise.all(late), Array(4).fill('stream_not_found'))
    await logs.forget(stream.log, [stream.log.shard(0)])
    assert.equal([await store.entries('log/'), await store.entries('stream/')], [[], []])
  }))

test('streams, shards, settings, records and checkpoints survive a restart', () =>
  onDisk(async (open) => {
    const first = await open()
    const stream = await first.streams.create('kept', { shards: 2, retentionMillis: 5_000_000 })
    await put(stream, ...Array.from({ length: 100 }, (_, i) => [`k${i}`, `${i}`] as [string, string]))
    await stream.split(0)
    await stream.checkpoint('billing', new Map([[1, { next: 17 }]]))
    const before = stream.describe()
    await first.close()
    const second = await open()
    const again = second.streams.get('kept')
    assert.equal(again.describe(), before)
    assert.equal(again.consumer('billing').shards[0]?.next, 17)
    const seen = [...(await readAll(again, 0)), ...(await readAll(again, 1))]
    assert.is(seen.length, 100)
    await put(again, ['k', 'and on'])
    await second.close()
  }))

test.run()
