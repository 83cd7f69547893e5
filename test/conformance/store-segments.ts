import * as assert from 'uvu/assert'
import { appendMany, type Contracts, codeOf, commitOf, numbers, scanned, shapes, text, whole } from './store-place.ts'

/** What is promised of segments: numbering, sealing, trimming. */
export const segmentContracts: Contracts = {
  async 'commits are numbered from 0 without a gap, over seals and restarts'(place) {
    const store = await place.open()
    await appendMany(store, 5)
    await store.seal(text('first'))
    await appendMany(store, 3)
    await store.seal(text('second'))
    assert.is(store.openSegment().end, 8)
    await appendMany(store, 1)
  },

  async 'sealing keeps the index as it was given and begins the next segment'(place) {
    const store = await place.open()
    const indexes = [new Uint8Array(0), text('small'), commitOf(1, 3_000), commitOf(2, 300_000)]
    const given = new Map<number, Uint8Array>()
    for (const index of indexes) {
      await appendMany(store, 2)
      const { first } = store.openSegment()
      given.set(first, index)
      await store.seal(index)
      assert.equal(shapes([store.openSegment()]), [[first + 2, first + 2, false]])
    }
    await appendMany(store, 1)
    for (const [first, index] of given) assert.ok(Buffer.from(await store.index(first)).equals(index), `of ${first}`)
    for (const open of [8, 9, 1_000]) assert.is(await codeOf(store.index(open)), 'store_corrupt')
  },

  async 'an empty segment is not sealed'(place) {
    const store = await place.open()
    assert.is(await codeOf(store.seal(text('index'))), 'internal')
    await appendMany(store, 1)
    await store.seal(text('index'))
    assert.is(await codeOf(store.seal(text('index'))), 'internal')
    await appendMany(store, 1)
    assert.equal(shapes(store.segments()), [
      [0, 1, true],
      [1, 2, false],
    ])
  },

  async 'segments tell what they hold, oldest first, the open one last'(place) {
    const store = await place.open()
    assert.equal(store.segments(), [{ first: 0, end: 0, bytes: 0, sealed: false }])
    await appendMany(store, 4, 1_000)
    await store.seal(text('index'))
    await appendMany(store, 2, 1_000)
    assert.equal(shapes(store.segments()), [
      [0, 4, true],
      [4, 6, false],
    ])
    assert.equal(
      store.segments().map(({ bytes }) => bytes),
      [4_000, 2_000],
    )
    assert.equal(store.openSegment(), store.segments().at(-1))
  },

  async 'trimming removes whole sealed segments below a number, and never the open one'(place) {
    const store = await place.open()
    for (const count of [3, 3, 3]) {
      await appendMany(store, count)
      await store.seal(text('index'))
    }
    await appendMany(store, 2)
    await whole(store, 0)
    for (const [below, left] of [
      [0, 4],
      [2, 4],
      [3, 3],
      [8, 2],
      [8, 2],
      [9, 1],
      [1_000, 1],
    ] as const) {
      await store.trim(below)
      assert.is(store.segments().length, left, `after trimming below ${below}`)
    }
    for (const commit of [0, 4, 8]) assert.is(await codeOf(whole(store, commit)), 'store_corrupt')
    assert.is(await codeOf(store.index(3)), 'store_corrupt')
    assert.equal(numbers(await scanned(store, 0)), [9, 10])
    await appendMany(store, 1)
    assert.is(store.openSegment().end, 12)
  },
}
