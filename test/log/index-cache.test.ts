import * as assert from 'uvu/assert'
import { IndexCache } from '../../broker/log/index-cache.ts'
import { packIndex } from '../../broker/log/segment-index.ts'
import { MemoryStore } from '../../broker/store/memory.ts'
import { MillraceError } from '../../broker/wire/errors.ts'
import { suite } from '../suite.ts'

const test = suite('index cache')

/** A store of segments whose indexes have as many entries as they are old, and that counts how often each is read. */
class CountingStore extends MemoryStore {
  readonly reads: number[] = []
  failing = false
  damage = false

  override async index(segment: number): Promise<Uint8Array> {
    this.reads.push(segment)
    await new Promise((resolve) => setImmediate(resolve))
    if (this.failing) throw new MillraceError('store_corrupt', { commit: segment, reason: 'a test' })
    const index = packIndex([{ stream: 1, shard: 0, entries: new Uint8Array(32) }])
    if (this.damage) index[10] = 1
    return index
  }
}

/** The bytes of each of CountingStore's indexes. */
const indexBytes = 8 + 16 + 32

test('an index is read once, however many ask for it, at once or later', async () => {
  const store = new CountingStore()
  const cache = new IndexCache(store, 10 * indexBytes)
  const [first, second] = await Promise.all([cache.get(5), cache.get(5)])
  assert.is(first, second)
  assert.is(await cache.get(5), first)
  assert.equal(store.reads, [5])
})

test('the one not asked for longest goes when there are too many bytes', async () => {
  const store = new CountingStore()
  const cache = new IndexCache(store, 3 * indexBytes)
  for (const segment of [1, 2, 3, 1, 4]) await cache.get(segment)
  store.reads.length = 0
  for (const segment of [1, 3, 4]) await cache.get(segment)
  assert.equal(store.reads, [], 'those are kept')
  await cache.get(2)
  assert.equal(store.reads, [2], 'that one went')
})

test('an index larger than all that is kept is handed out all the same', async () => {
  const store = new CountingStore()
  const cache = new IndexCache(store, 10)
  for (const segment of [1, 2, 1, 1]) assert.is((await cache.get(segment)).length, indexBytes)
  assert.equal(store.reads, [1, 2, 1])
})

test('an index that could not be read is asked for again, and so is one that was damaged', async () => {
  const store = new CountingStore()
  const cache = new IndexCache(store, 10 * indexBytes)
  const code = () =>
    cache.get(1).then(
      () => 'read',
      (error: MillraceError) => error.code,
    )
  store.failing = true
  assert.equal(await Promise.all([code(), code()]), ['store_corrupt', 'store_corrupt'])
  store.failing = false
  store.damage = true
  assert.is(await code(), 'store_corrupt')
  store.damage = false
  assert.is(await code(), 'read')
  assert.is(store.reads.length, 3)
})

test.run()
