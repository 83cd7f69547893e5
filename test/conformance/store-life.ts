import * as assert from 'uvu/assert'
import type { Store } from '../../broker/store/store.ts'
import { effort, Random } from '../random.ts'
import { checkStore, emptyModel, type Model, step } from './store-model.ts'
import { appendMany, type Contracts, codeOf, commitOf, scanned, shapes, text, whole } from './store-place.ts'

/** What is promised of a store from its opening to its closing. */
export const lifeContracts: Contracts = {
  async 'a failed append leaves nothing: the next one takes its number'(place) {
    if (place.openFillable === undefined) throw new Error('an engine that cannot fill up must say so in `skip`')
    const { store, fill, empty } = await place.openFillable()
    try {
      await appendMany(store, 3)
      await store.put([{ key: 'k', value: text('before') }])
      for (let times = 0; times < 3; times++) {
        await fill()
        const { end } = store.openSegment()
        for (let i = 0; i < 3; i++) assert.is(await codeOf(store.append(commitOf(99, 60_000))), 'store_full')
        assert.is(store.openSegment().end, end)
        assert.is(await codeOf(whole(store, end)), 'store_corrupt')
        assert.equal(await whole(store, 2), Buffer.from(commitOf(2)), 'reading goes on')
        assert.is((await scanned(store, 0)).length, end)
        await empty()
        await appendMany(store, 2)
        assert.equal(await whole(store, end), Buffer.from(commitOf(end)))
      }
      await store.seal(text('index'))
      await appendMany(store, 1)
    } finally {
      await store.close()
    }
  },

  async 'a restart finds all that was acknowledged, at any point between appends, puts, seals and trims'(place) {
    let store = await place.open()
    const again = async () => {
      const before = await seen(store)
      await store.close()
      store = await place.open()
      assert.equal(await seen(store), before)
    }
    await again()
    await appendMany(store, 3)
    await again()
    await store.put([
      { key: 'a', value: text('1') },
      { key: 'b', value: text('2') },
    ])
    await again()
    await store.seal(text('first'))
    await again()
    await appendMany(store, 2)
    await store.put([{ key: 'a', value: undefined }])
    await again()
    await store.seal(text('second'))
    await store.trim(3)
    await again()
    await store.trim(5)
    await again()
    await appendMany(store, 1)
    await again()
    assert.is(store.openSegment().end, 6)
  },

  async 'any sequence of operations, restarts among them, does what a list in memory would do'(place) {
    const random = new Random()
    let store = await place.open()
    const model: Model = emptyModel()
    const { durable } = store.supports
    for (let i = 0; i < 150 * effort; i++) {
      if (durable && random.oneIn(12)) {
        await store.close()
        store = await place.open()
      } else await step(store, model, random)
      if (random.oneIn(8)) await checkStore(store, model, random)
    }
    await checkStore(store, model, random)
  },

  async 'close waits for what is under way, and what it answered is kept'(place) {
    const store = await place.open()
    await appendMany(store, 1)
    const appending = store.append(commitOf(1))
    const putting = store.put([{ key: 'k', value: text('v') }])
    await store.close()
    assert.is(await appending, 1)
    await putting
    if (!store.supports.durable) return
    const again = await place.open()
    assert.equal(await whole(again, 1), Buffer.from(commitOf(1)))
    assert.is((await again.entries('k')).length, 1)
  },

  async 'after close everything is refused, and closing again does nothing'(place) {
    const store = await place.open()
    await appendMany(store, 2)
    await store.seal(text('index'))
    await store.close()
    await store.close()
    const calls = [
      store.append(commitOf(2)),
      store.seal(text('index')),
      store.put([{ key: 'k', value: text('v') }]),
      store.trim(2),
      store.read([{ commit: 0, offset: 0, length: 1 }]),
      store.index(0),
      store.entries(''),
      scanned(store, 0),
    ]
    assert.equal(await Promise.all(calls.map(codeOf)), new Array(calls.length).fill('store_failed'))
  },
}

/** All that a caller can see of a store, but for the sizes of segments, which a restart only estimates. */
async function seen(store: Store): Promise<unknown> {
  const sealed = store.segments().filter(({ sealed }) => sealed)
  return {
    commits: (await scanned(store, 0)).map(([number, value]) => [number, value.toString('base64')]),
    segments: shapes(store.segments()),
    indexes: await Promise.all(sealed.map(async ({ first }) => Buffer.from(await store.index(first)).toString())),
    table: (await store.entries('')).map(({ key, value }) => [key, Buffer.from(value).toString()]),
  }
}
