import * as assert from 'uvu/assert'
import type { Cursor } from '../../broker/log/cursor.ts'
import { visitRecords } from '../../broker/modes/stream-records.ts'
import { MemoryStore } from '../../broker/store/memory.ts'
import type { Piece } from '../../broker/store/store.ts'
import type { MillraceError } from '../../broker/wire/errors.ts'
import { framesOf } from '../../broker/wire/frame.ts'
import { suite } from '../suite.ts'
import { inMemory, openFloors } from './harness.ts'
import { putMany } from './records.ts'

const test = suite('cursor')
/** Segments of about seven records. */
const bounds = { segmentBytesMax: 2_000, tailBytesMax: 5_000 }

/** Reads to the end; returns the sequences, which must follow one another. */
async function readToEnd(cursor: Cursor, bytesMax: number): Promise<number[]> {
  const sequences: number[] = []
  for (;;) {
    const from = cursor.position
    const frames = await cursor.read(bytesMax)
    if (frames === undefined) return sequences
    visitRecords(frames, from, (_, sequence) => {
      sequences.push(sequence)
      return true
    })
    assert.is(cursor.position, (sequences.at(-1) ?? -1) + 1)
  }
}

const upTo = (end: number, first = 0) => Array.from({ length: end - first }, (_, i) => first + i)

test('a cursor reads all of its shard and nothing of another, from any position, in pieces of any size', () =>
  inMemory(async ({ streams, logs, store }) => {
    const stream = await streams.create('s', { shards: 3 })
    await putMany(stream, 90)
    assert.ok(store.segments().length > 5)
    for (const shard of stream.log.shards.values()) {
      for (const bytesMax of [1, 500, 1_000, 100_000]) {
        assert.equal(await readToEnd(logs.cursor(shard, 0), bytesMax), upTo(shard.next))
      }
      for (let from = 0; from <= shard.next; from++) {
        assert.equal(await readToEnd(logs.cursor(shard, from), 700), upTo(shard.next, from))
      }
    }
  }, bounds))

test('a read takes about as much as it may, and one run at least', () =>
  inMemory(async ({ streams, logs }) => {
    const stream = await streams.create('s')
    await putMany(stream, 5)
    const runs = async (bytesMax: number) => {
      const frames = await logs.cursor(stream.log.shard(0), 0).read(bytesMax)
      return [...framesOf(frames ?? new Uint8Array(0))].length
    }
    const runBytes = stream.log.shard(0).entries.at(0).length
    assert.is(await runs(0), 1)
    assert.is(await runs(runBytes * 2), 2)
    assert.is(await runs(runBytes * 2 + 20), 2)
    assert.is(await runs(1_000_000), 5)
  }))

test('at the end there is nothing, live or stored, until something is appended', () =>
  inMemory(async ({ streams, logs }) => {
    const stream = await streams.create('s')
    const cursor = logs.cursor(stream.log.shard(0), 0)
    assert.ok(cursor.atEnd)
    assert.is(cursor.live(), undefined)
    assert.is(await cursor.read(1_000), undefined)
    await putMany(stream, 1)
    assert.not(cursor.atEnd)
    assert.ok(cursor.live())
    assert.is(cursor.position, 1)
    assert.is(cursor.live(), undefined)
    assert.not(cursor.finished)
    await stream.split(0)
    assert.ok(cursor.finished, 'a closed shard that is read to its end is done')
  }))

test('a cursor that went live and fell behind finds in the store what left memory', () =>
  inMemory(async ({ streams, logs }) => {
    const stream = await streams.create('s')
    await putMany(stream, 3)
    const cursor = logs.cursor(stream.log.shard(0), 1)
    assert.ok(cursor.live())
    await putMany(stream, 60)
    assert.is(cursor.live(), undefined, 'that is no longer in memory')
    assert.equal(await readToEnd(cursor, 3_000), upTo(63, 2))
  }, bounds))

/** A memory engine whose reads can be changed on the way. */
class DamagedStore extends MemoryStore {
  damage: ((bytes: Uint8Array, pieces: readonly Piece[]) => Uint8Array) | undefined

  override async read(pieces: readonly Piece[]): Promise<Uint8Array> {
    const bytes = await super.read(pieces)
    return this.damage?.(bytes, pieces) ?? bytes
  }
}

test('bytes that are not what was written for this shard, there, are store_corrupt, and the position stays', async () => {
  const store = new DamagedStore()
  const { streams, logs, close } = await openFloors(store, bounds)
  const stream = await streams.create('s', { shards: 2 })
  await putMany(stream, 60)
  const shard = stream.log.shard(0)
  const cursor = logs.cursor(shard, 4)
  const frame = async (of: number, position: number) => {
    store.damage = undefined
    return (await logs.cursor(stream.log.shard(of), position).read(1)) as Uint8Array
  }
  const [own, earlier, others] = [await frame(0, 4), await frame(0, 3), await frame(1, 4)]
  const damages: Record<string, (bytes: Uint8Array) => Uint8Array> = {
    'a changed bit': (bytes) => {
      bytes[100] = (bytes[100] as number) ^ 1
      return bytes
    },
    'another length': (bytes) => {
      bytes[7] = (bytes[7] as number) + 1
      return bytes
    },
    zeros: (bytes) => bytes.fill(0),
    'an earlier run of the same shard': () => earlier,
    'a run of another shard': () => others,
    'half of it': (bytes) => bytes.subarray(0, bytes.length / 2),
  }
  for (const [name, damage] of Object.entries(damages)) {
    store.damage = (bytes) => damage(bytes)
    const error = await cursor.read(1).then(
      () => assert.unreachable(`${name} was delivered`),
      (refused: MillraceError) => refused,
    )
    assert.is((error as MillraceError).code, 'store_corrupt', name)
    assert.is(cursor.position, 4, name)
  }
  store.damage = undefined
  assert.equal(Buffer.from((await cursor.read(1)) as Uint8Array), Buffer.from(own), 'and a sound disk is read on')
  await close()
})

test('a segment that goes while it is being read moves the cursor to the oldest record kept', async () => {
  const store = new DamagedStore()
  const { streams, logs, close } = await openFloors(store, bounds)
  const stream = await streams.create('s')
  await putMany(stream, 40)
  const shard = stream.log.shard(0)
  const cursor = logs.cursor(shard, 0)
  const gone = shard.sealed[2]
  store.damage = () => {
    store.damage = undefined
    // Retention moves readers on before it removes anything.
    shard.sealed.splice(0, 2)
    shard.first = gone?.first ?? 0
    throw new Error('the file is not there')
  }
  const frames = await cursor.read(1)
  visitRecords(frames as Uint8Array, 0, (_, sequence) => {
    assert.is(sequence, gone?.first)
    return true
  })
  assert.is(cursor.position, (gone?.first ?? 0) + 1)
  await close()
})

test.run()
