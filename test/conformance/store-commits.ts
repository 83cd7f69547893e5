import * as assert from 'uvu/assert'
import { Random } from '../random.ts'
import { appendMany, type Contracts, codeOf, commitOf, numbers, scanned, shapes, text, whole } from './store-place.ts'

/** What is promised of commits: appending, reading, scanning. */
export const commitContracts: Contracts = {
  async 'commits of every size come back byte for byte'(place) {
    const store = await place.open()
    const sizes = [1, 2, 100, 2_000, 2_034, 2_035, 4_000, 4_072, 4_073, 4_096, 8_168, 8_169, 70_000, 1_000_000]
    for (const [number, size] of sizes.entries()) await store.append(commitOf(number, size))
    for (const [number, size] of sizes.entries()) {
      assert.ok((await whole(store, number, size)).equals(commitOf(number, size)), `${size} bytes`)
    }
  },

  async 'pieces come in the order asked for, of any commits, over segments, in one buffer'(place) {
    const store = await place.open()
    for (let segment = 0; segment < 4; segment++) {
      await appendMany(store, 5)
      await store.seal(text('index'))
    }
    const random = new Random()
    for (let round = 0; round < 50; round++) {
      const pieces = Array.from({ length: random.below(12) }, () => {
        const offset = random.below(100)
        return { commit: random.below(20), offset, length: random.below(101 - offset) }
      })
      const expected = pieces.map(({ commit, offset, length }) => commitOf(commit).subarray(offset, offset + length))
      assert.equal(Buffer.from(await store.read(pieces)), Buffer.concat(expected))
    }
  },

  async 'what read hands out is the caller’s own, whatever is read or written later'(place) {
    const store = await place.open()
    await appendMany(store, 3)
    const first = await store.read([{ commit: 0, offset: 0, length: 100 }])
    await whole(store, 1)
    await appendMany(store, 1)
    assert.equal(Buffer.from(first), Buffer.from(commitOf(0)))
    first.fill(0)
    assert.equal(await whole(store, 0), Buffer.from(commitOf(0)))
  },

  async 'a commit or piece that is not there is store_corrupt'(place) {
    const store = await place.open()
    assert.is(await codeOf(whole(store, 0)), 'store_corrupt')
    await appendMany(store, 3)
    await store.seal(text('index'))
    await appendMany(store, 3)
    for (const commit of [6, 7, 1_000_000]) assert.is(await codeOf(whole(store, commit)), 'store_corrupt')
    for (const commit of [0, 5]) {
      assert.is(await codeOf(store.read([{ commit, offset: 0, length: 101 }])), 'store_corrupt')
      assert.is(await codeOf(store.read([{ commit, offset: 100, length: 1 }])), 'store_corrupt')
    }
    assert.is((await whole(store, 5)).length, 100)
  },

  async 'nothing of an append is seen before it resolves, and all of it from then on, also by who just looked'(place) {
    const store = await place.open()
    for (let number = 0; number < 20; number++) {
      const appending = store.append(commitOf(number))
      assert.is(await codeOf(whole(store, number)), 'store_corrupt')
      assert.is((await scanned(store, 0)).length, number)
      assert.is(store.openSegment().end, number)
      await appending
      assert.equal(await whole(store, number), Buffer.from(commitOf(number)))
      assert.is(store.openSegment().end, number + 1)
      assert.equal(numbers(await scanned(store, number)), [number])
    }
  },

  async 'reads run beside appends and seals and always see what was written'(place) {
    const store = await place.open()
    const random = new Random()
    let done = false
    const reading = Promise.all(
      Array.from({ length: 4 }, async () => {
        while (!done) {
          await new Promise((resolve) => setImmediate(resolve))
          const end = store.openSegment().end
          if (end === 0) continue
          const commit = random.below(end)
          assert.equal(await whole(store, commit, 700), Buffer.from(commitOf(commit, 700)))
        }
      }),
    )
    for (let segment = 0; segment < 5; segment++) {
      await appendMany(store, 10, 700)
      await store.seal(text(`${segment}`))
    }
    done = true
    await reading
  },

  async 'a scan visits all from where it is told, in order, over segments'(place) {
    const store = await place.open()
    assert.equal(await scanned(store, 0), [])
    for (const count of [3, 1, 4]) {
      await appendMany(store, count)
      await store.seal(text('index'))
    }
    await appendMany(store, 2)
    for (let from = 0; from < 13; from++) {
      const all = await scanned(store, from)
      assert.equal(
        numbers(all),
        Array.from({ length: Math.max(0, 10 - from) }, (_, i) => from + i),
      )
      for (const [number, value] of all) assert.equal(value, Buffer.from(commitOf(number)))
    }
  },

  async 'a scanned value stays what it is until the next one is asked for, whatever is read meanwhile'(place) {
    const store = await place.open()
    for (let number = 0; number < 6; number++) {
      await store.append(commitOf(number, 50 + number * 3_000))
      if (number === 2) await store.seal(text('index'))
    }
    for await (const { number, value } of store.scan(0)) {
      for (const other of [0, 5]) await whole(store, other, 50)
      await store.entries('')
      assert.ok(Buffer.from(value).equals(commitOf(number, 50 + number * 3_000)), `commit ${number}`)
    }
  },

  async 'a scan that is left early holds nothing up'(place) {
    const store = await place.open()
    await appendMany(store, 10)
    for await (const { number } of store.scan(3)) {
      assert.is(number, 3)
      break
    }
    await appendMany(store, 1)
    await store.seal(text('index'))
    await store.trim(11)
    assert.equal(shapes(store.segments()), [[11, 11, false]])
  },
}
