import * as assert from 'uvu/assert'
import { ReadCache } from '../../broker/log/read-cache.ts'
import { MemoryStore } from '../../broker/store/memory.ts'
import type { Piece } from '../../broker/store/store.ts'
import { MillraceError } from '../../broker/wire/errors.ts'
import { suite } from '../suite.ts'
import { openFloors } from './harness.ts'
import { putMany } from './records.ts'

const test = suite('read cache')

class CountingStore extends MemoryStore {
  count = 0
  failing = false

  override async read(pieces: readonly Piece[]): Promise<Uint8Array> {
    this.count++
    await new Promise((resolve) => setImmediate(resolve))
    if (this.failing) throw new MillraceError('store_unusable', { path: 'a test', reason: 'it is to fail' })
    return super.read(pieces)
  }
}

test('cursors that read the same, at once or soon after, are handed the same bytes, read once', async () => {
  const store = new CountingStore()
  const { streams, logs, close } = await openFloors(store, { tailBytesMax: 0 })
  const stream = await streams.create('s')
  await putMany(stream, 20)
  const shard = stream.log.shard(0)
  const cursors = [0, 0, 0].map((position) => logs.cursor(shard, position))
  store.count = 0
  const [first, second] = await Promise.all(cursors.slice(0, 2).map((cursor) => cursor.read(500, logs.reads)))
  assert.ok(first !== undefined && first.length > 0)
  assert.is(first, second)
  assert.is(await cursors[2]?.read(500, logs.reads), first)
  assert.is(store.count, 1)
  assert.equal(new Set(cursors.map(({ position }) => position)).size, 1)
  // From elsewhere, or in pieces of another size, it is another read.
  await logs.cursor(shard, 1).read(500, logs.reads)
  await logs.cursor(shard, 0).read(900, logs.reads)
  assert.is(store.count, 3)
  await close()
})

test('what was not asked for longest goes when there are too many bytes', async () => {
  const store = new CountingStore()
  const { streams, logs, close } = await openFloors(store, { tailBytesMax: 0 })
  const stream = await streams.create('s')
  await putMany(stream, 20)
  const shard = stream.log.shard(0)
  const one = shard.entries.at(0).length
  const reads = new ReadCache(2 * one)
  const readAt = (position: number) => logs.cursor(shard, position).read(one, reads)
  store.count = 0
  for (const position of [0, 1, 0, 2, 0]) await readAt(position)
  assert.is(store.count, 3)
  await readAt(1)
  assert.is(store.count, 4)
  await close()
})

test('a read that failed is not kept: the next one tries again', async () => {
  const store = new CountingStore()
  const { streams, logs, close } = await openFloors(store, { tailBytesMax: 0 })
  const stream = await streams.create('s')
  await putMany(stream, 3)
  const cursor = logs.cursor(stream.log.shard(0), 0)
  store.failing = true
  for (let i = 0; i < 2; i++) {
    try {
      await cursor.read(500, logs.reads)
      assert.unreachable('it must fail')
    } catch (error) {
      assert.is((error as MillraceError).code, 'store_unusable')
    }
  }
  store.failing = false
  assert.ok(((await cursor.read(500, logs.reads))?.length ?? 0) > 0)
  await close()
})

test.run()
