import * as assert from 'uvu/assert'
import { ManualClock } from '../../broker/clock.ts'
import { limits } from '../../broker/limits.ts'
import { Logs } from '../../broker/log/logs.ts'
import type { Stream } from '../../broker/modes/stream.ts'
import { LmdbStore } from '../../broker/store/lmdb.ts'
import type { MillraceError } from '../../broker/wire/errors.ts'
import { BlockWriter } from '../../broker/wire/record.ts'
import { suite } from '../suite.ts'
import { type Floors, onDisk, openFloors } from './harness.ts'
import { putMany, readAll } from './records.ts'

const test = suite('recovery')
const bytes = (said: string) => new TextEncoder().encode(said)

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

test('an owner that is new to the log reads the open segment and no other: a start stays short', () =>
  onDisk(async (open, path) => {
    const bounds = { segmentBytesMax: 2_000 }
    const first = await open(bounds)
    await putMany(await first.streams.create('s'), 40)
    await first.close()
    const store = await LmdbStore.open(path, { segmentBytes: bounds.segmentBytesMax })
    const scanned: number[] = []
    const scan = store.scan.bind(store)
    store.scan = (from) => {
      scanned.push(from)
      return scan(from)
    }
    const owner = { number: 200, replay: () => undefined, restore: () => undefined, snapshot: () => new Uint8Array(0) }
    const logs = await Logs.open({ store, clock: new ManualClock(), limits: { ...limits, ...bounds }, owners: [owner] })
    assert.ok(store.segments().length > 3)
    assert.equal(scanned, [store.openSegment().first])
    await logs.close()
    await store.close()
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
