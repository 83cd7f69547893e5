import * as assert from 'uvu/assert'
import type { Stream } from '../../broker/modes/stream.ts'
import { MemoryStore } from '../../broker/store/memory.ts'
import { readBlockHeader } from '../../broker/wire/block.ts'
import { MillraceError } from '../../broker/wire/errors.ts'
import { framesOf } from '../../broker/wire/frame.ts'
import { BlockWriter } from '../../broker/wire/record.ts'
import { viewOf } from '../../broker/wire/u64.ts'
import { suite } from '../suite.ts'
import { inMemory, onDisk, openFloors } from './harness.ts'

const test = suite('committer')

/** One block of `count` records as a producer packs it. */
function block(producer: number, sequence: number, count = 1, data = new Uint8Array(10)): Uint8Array {
  const writer = new BlockWriter()
  for (let i = 0; i < count; i++) writer.add(`key-${sequence}-${i}`, data)
  return writer.finish(producer, sequence)
}

/** Appends a block; resolves with its base sequence or the error it got. */
function append(stream: Stream, bytes: Uint8Array, shard = 0): Promise<number | MillraceError> {
  return new Promise((resolve) => stream.append(shard, bytes, { committed: resolve, failed: resolve }))
}

const codeOf = (result: number | MillraceError) => (result instanceof MillraceError ? result.code : result)

/** A memory engine whose appends can be held up or made to fail. */
class FlakyStore extends MemoryStore {
  failWith: MillraceError | undefined
  appends = 0
  gate: Promise<void> = Promise.resolve()

  override async append(commit: Uint8Array): Promise<number> {
    this.appends++
    await this.gate
    if (this.failWith !== undefined) throw this.failWith
    return super.append(commit)
  }
}

test('all blocks of a turn, of all shards, make one commit', () =>
  inMemory(async ({ streams, logs }) => {
    const stream = await streams.create('s', { shards: 20 })
    const results = await Promise.all(Array.from({ length: 200 }, (_, i) => append(stream, block(0, i), i % 20)))
    assert.is(logs.committer.commits, 1)
    assert.equal(
      results,
      Array.from({ length: 200 }, (_, i) => Math.floor(i / 20)),
    )
  }))

test('a block sent again is acknowledged with the sequence it has, and stored once', () =>
  inMemory(async ({ streams }) => {
    const stream = await streams.create('s')
    assert.is(await append(stream, block(7, 0, 3)), 0)
    assert.is(await append(stream, block(7, 1, 2)), 3)
    assert.is(await append(stream, block(7, 0, 3)), 0)
    assert.is(await append(stream, block(7, 1, 2)), 3)
    assert.is(stream.log.shard(0).next, 5)
  }))

test('a block sent again while the first one is under way waits for that one', () =>
  inMemory(async ({ streams }) => {
    const stream = await streams.create('s')
    const both = await Promise.all([append(stream, block(7, 0, 3)), append(stream, block(7, 0, 3))])
    assert.equal(both, [0, 0])
    assert.is(stream.log.shard(0).next, 3)
  }))

test('a block that skips ahead is refused, and the one that was missing is still taken', () =>
  inMemory(async ({ streams }) => {
    const stream = await streams.create('s')
    await append(stream, block(7, 0))
    assert.is(codeOf(await append(stream, block(7, 2))), 'out_of_order')
    assert.is(await append(stream, block(7, 1)), 1)
    assert.is(await append(stream, block(7, 2)), 2)
  }))

test('producers are remembered over a restart, sealed segments included', () =>
  onDisk(async (open) => {
    const bounds = { segmentBytesMax: 2_000 }
    const first = await open(bounds)
    const stream = await first.streams.create('s')
    for (let i = 0; i < 30; i++) await append(stream, block(7, i, 1, new Uint8Array(200)))
    await append(stream, block(9, 0))
    for (let i = 0; i < 30; i++) await append(stream, block(8, i, 1, new Uint8Array(200)))
    assert.ok(first.store.segments().length > 3)
    await first.close()
    const second = await open(bounds)
    const again = second.streams.get('s')
    assert.is(await append(again, block(7, 29, 1, new Uint8Array(200))), 29)
    assert.is(await append(again, block(9, 0)), 30)
    assert.is(await append(again, block(8, 29, 1, new Uint8Array(200))), 60)
    assert.is(await append(again, block(8, 30)), 61)
    assert.is(codeOf(await append(again, block(8, 33))), 'out_of_order')
    await second.close()
  }))

test('a failed commit fails all that waits, stores nothing of it, and writing goes on without a gap', async () => {
  const store = new FlakyStore()
  const { streams, close } = await openFloors(store)
  const stream = await streams.create('s')
  await append(stream, block(7, 0))
  store.failWith = new MillraceError('store_full', { reason: 'a test' })
  const failed = await Promise.all([1, 2, 3].map((i) => append(stream, block(7, i))))
  assert.equal(failed.map(codeOf), ['store_full', 'store_full', 'store_full'])
  assert.is(stream.log.shard(0).next, 1)
  store.failWith = undefined
  assert.equal(await Promise.all([1, 2, 3].map((i) => append(stream, block(7, i)))), [1, 2, 3])
  await close()
})

test('a block behind one that failed is not stored before it, even if it came later', async () => {
  const store = new FlakyStore()
  const { streams, close } = await openFloors(store)
  const stream = await streams.create('s')
  await append(stream, block(7, 0))
  let release: () => void = () => undefined
  store.gate = new Promise((resolve) => {
    release = resolve
  })
  store.failWith = new MillraceError('store_full', { reason: 'a test' })
  const first = append(stream, block(7, 1))
  while (store.appends < 2) await new Promise((resolve) => setImmediate(resolve))
  const second = append(stream, block(7, 2))
  release()
  assert.is(codeOf(await first), 'store_full')
  assert.is(codeOf(await second), 'store_full')
  store.failWith = undefined
  assert.is(codeOf(await append(stream, block(7, 2))), 'out_of_order')
  assert.is(await append(stream, block(7, 1)), 1)
  await close()
})

test('above the bound of bytes in flight blocks are throttled, and taken again when there is room', async () => {
  const store = new FlakyStore()
  const { streams, logs, close } = await openFloors(store, { inFlightBytesMax: 10_000 })
  const stream = await streams.create('s')
  const large = new Uint8Array(4_000)
  const results = await Promise.all([0, 1, 2, 3].map((i) => append(stream, block(0, i, 1, large))))
  assert.equal(results.map(codeOf), [0, 1, 'throttled', 'throttled'])
  assert.is(logs.committer.inFlightBytes, 0)
  assert.is(await append(stream, block(0, 4, 1, large)), 2)
  await close()
})

test('more than a commit holds goes into several, in order', () =>
  inMemory(
    async ({ streams, logs }) => {
      const stream = await streams.create('s', { shards: 2 })
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          append(stream, block(7, Math.floor(i / 2), 1, new Uint8Array(1_000)), i % 2),
        ),
      )
      assert.equal(
        results,
        Array.from({ length: 20 }, (_, i) => Math.floor(i / 2)),
      )
      assert.ok(logs.committer.commits > 3, `${logs.committer.commits} commits`)
      const { records } = await stream.read(0, 'horizon', { recordsMax: 100, bytesMax: 1e6 })
      assert.equal(
        records.map(({ key }) => key),
        Array.from({ length: 10 }, (_, i) => `key-${i}-0`),
      )
    },
    { commitBytesMax: 5_000 },
  ))

test('malformed blocks are refused one by one, and say why', () =>
  inMemory(async ({ streams }) => {
    const stream = await streams.create('s')
    const flip = (at: number) => {
      const bytes = block(7, 0, 2).slice()
      bytes[at] = (bytes[at] ?? 0) ^ 0x40
      return bytes
    }
    assert.is(codeOf(await append(stream, new Uint8Array(10))), 'block_malformed')
    assert.is(codeOf(await append(stream, flip(0))), 'block_malformed')
    assert.is(codeOf(await append(stream, flip(2))), 'block_version')
    assert.is(codeOf(await append(stream, flip(60))), 'block_crc')
    assert.is(codeOf(await append(stream, block(7, 0).subarray(0, 60))), 'block_malformed')
    assert.is(codeOf(await append(stream, block(7, 0), 9)), 'shard_not_found')
    assert.is(codeOf(await append(stream, block(7, 0, 1, new Uint8Array(1024 * 1024)))), 'record_too_large')
    assert.is(await append(stream, block(7, 0, 2)), 0, 'none of them left a trace')
  }))

test('a retry after a split hears what became of the block: stored before, or closed', () =>
  inMemory(async ({ streams }) => {
    const stream = await streams.create('s')
    await append(stream, block(7, 0))
    await stream.split(0)
    assert.is(await append(stream, block(7, 0)), 0)
    assert.is(codeOf(await append(stream, block(7, 1))), 'shard_closed')
    assert.is(await append(stream, block(7, 0), 1), 0, 'a producer counts anew for each shard')
  }))

test('after close nothing more is taken, and what was taken is settled', () =>
  inMemory(async ({ streams, logs }) => {
    const stream = await streams.create('s')
    const before = append(stream, block(7, 0))
    const closing = logs.close()
    assert.is(codeOf(await append(stream, block(7, 1))), 'draining')
    assert.is(await before, 0)
    await closing
  }))

test('times never go back, whatever the clock does', () =>
  inMemory(async ({ streams, clock }) => {
    const stream = await streams.create('s')
    await append(stream, block(0, 0))
    const now = clock.now()
    clock.now = () => now - 10_000
    await append(stream, block(0, 1))
    const { records } = await stream.read(0, 'horizon', { recordsMax: 9, bytesMax: 1e6 })
    assert.equal(
      records.map(({ time }) => time),
      [now, now],
    )
  }))

/** How many frames each commit in the store has. */
async function framesPerCommit(store: MemoryStore): Promise<number[]> {
  const counts: number[] = []
  for await (const { value } of store.scan(0)) counts.push([...framesOf(value)].length)
  return counts
}

const part = (stream: Stream, bytes: Uint8Array) => ({
  shard: stream.log.shard(0),
  block: bytes,
  header: readBlockHeader(viewOf(bytes)),
})

test('what is appended together is in one commit, however little room is left in it', async () => {
  const store = new FlakyStore()
  const { streams, logs, close } = await openFloors(store, { commitBytesMax: 3_000 })
  const streamsOf = [await streams.create('a'), await streams.create('b'), await streams.create('c')]
  const [a, b, c] = streamsOf as [Stream, Stream, Stream]
  const filler = Array.from({ length: 5 }, (_, i) => append(a, block(0, i, 1, new Uint8Array(1_000))))
  const both = logs.committer.together(
    [part(b, block(0, 0, 2, new Uint8Array(1_000))), part(c, block(0, 0, 1, new Uint8Array(1_000)))],
    [{ owner: 99, entry: new Uint8Array(8) }],
  )
  const after = append(b, block(0, 9))
  assert.equal(await Promise.all(filler), [0, 1, 2, 3, 4])
  assert.equal(
    (await both).map(({ base }) => base),
    [0, 0],
  )
  assert.is(await after, 2)
  // Two of the fillers, two, one, then the three parts of what belongs together, then the last block.
  assert.equal(await framesPerCommit(store), [1, 1, 1, 3, 1])
  await close()
})

test('what is appended together fails together', async () => {
  const store = new FlakyStore()
  const { streams, logs, close } = await openFloors(store)
  const a = await streams.create('a')
  const b = await streams.create('b')
  store.failWith = new MillraceError('store_full', { reason: 'a test' })
  const parts = () => [part(a, block(0, 0)), part(b, block(0, 0))]
  const failed = await logs.committer.together(parts(), []).catch((error: MillraceError) => error.code)
  assert.is(failed, 'store_full')
  assert.is(logs.committer.inFlightBytes, 0)
  store.failWith = undefined
  await streams.delete('b')
  const refused = await logs.committer.together(parts(), []).catch((error: MillraceError) => error.code)
  assert.is(refused, 'stream_not_found')
  assert.is(a.log.shard(0).next, 0, 'nor was the part that could have been stored')
  await close()
})

test.run()
