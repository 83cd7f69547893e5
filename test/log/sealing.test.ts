import * as assert from 'uvu/assert'
import { MemoryStore } from '../../broker/store/memory.ts'
import { MillraceError } from '../../broker/wire/errors.ts'
import { suite } from '../suite.ts'
import { inMemory, openFloors } from './harness.ts'
import { putMany, readAll } from './records.ts'

const test = suite('sealing')

test('a segment is sealed by count and by age as well as by size', () =>
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

test('an old segment that is empty is not sealed', () =>
  inMemory(
    async (floors) => {
      await floors.clock.advance(1_000_000)
      await putMany(await floors.streams.create('s'), 1)
      assert.is(floors.store.segments().length, 1)
      await floors.clock.advance(1_000_000)
      await putMany(floors.streams.get('s'), 1)
      assert.is(floors.store.segments().length, 2)
    },
    { segmentAgeMillisMax: 60_000 },
  ))

/** A memory engine whose disk is full while `full` is the name of what is done. */
class FullStore extends MemoryStore {
  full: 'put' | 'seal' | undefined

  override put(changes: Parameters<MemoryStore['put']>[0]): Promise<void> {
    return this.full === 'put' ? this.#refuse() : super.put(changes)
  }

  override seal(index: Uint8Array): Promise<void> {
    return this.full === 'seal' ? this.#refuse() : super.seal(index)
  }

  #refuse(): Promise<never> {
    return Promise.reject(new MillraceError('store_full', { reason: 'a test' }))
  }
}

for (const step of ['put', 'seal'] as const) {
  test(`a disk that is full at the ${step} of sealing refuses blocks, and sealing is done when it no longer is`, async () => {
    const store = new FullStore()
    const floors = await openFloors(store, { segmentCommitsMax: 5 })
    const stream = await floors.streams.create('s', { shards: 2 })
    await putMany(stream, 5)
    store.full = step
    for (let i = 0; i < 3; i++) {
      const [refused] = await stream.put([{ key: 'k', data: new Uint8Array(1) }])
      assert.is((refused as MillraceError).code, 'store_full')
    }
    assert.is((await readAll(stream)).length, 5, 'reading goes on')
    store.full = undefined
    await putMany(stream, 12, 'later ')
    assert.is(store.segments().length, 4)
    assert.is((await readAll(stream)).length, 17)
    for (const shard of stream.log.shards.values()) {
      const places = shard.sealed
      for (const [i, place] of places.entries()) {
        if (i > 0) assert.is(place.first, places[i - 1]?.next, 'what sealed segments hold is without a gap')
      }
      assert.is(shard.entries.count > 0 ? shard.entries.at(0).base : shard.next, places.at(-1)?.next)
    }
    await floors.close()
  })
}

test.run()
