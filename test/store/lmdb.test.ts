import { readdirSync, readFileSync, readlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { LmdbStore, type LmdbStoreOptions } from '../../broker/store/lmdb.ts'
import { LmdbSegment, segmentName } from '../../broker/store/lmdb-segment.ts'
import type { MillraceError } from '../../broker/wire/errors.ts'
import { storeConformance } from '../conformance/store.ts'
import { commitOf, type StorePlace, text, whole } from '../conformance/store-place.ts'
import { Random } from '../random.ts'
import { suite } from '../suite.ts'
import { mountSmallDisk, noSmallDisk } from './small-disk.ts'

const test = suite('store on disk')
const small: LmdbStoreOptions = { segmentBytes: 1024 * 1024, openSegments: 3 }
const noFilling = noSmallDisk()

/** A new directory for one store. */
async function makePlace(): Promise<StorePlace & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'millrace-store-'))
  return {
    path,
    open: () => LmdbStore.open(path, small),
    openFillable: noFilling === undefined ? () => openOnSmallDisk(path) : undefined,
    remove: () => rm(path, { recursive: true, force: true }),
  }
}

async function openOnSmallDisk(path: string) {
  const mount = join(path, 'disk')
  await mkdir(mount)
  const disk = mountSmallDisk(mount, 64 * 1024 * 1024)
  const store = await LmdbStore.open(join(mount, 'data'), small)
  const close = store.close.bind(store)
  store.close = () => close().finally(() => disk.unmount())
  return { store, fill: disk.fill, empty: disk.empty }
}

storeConformance(test, {
  make: makePlace,
  skip: noFilling === undefined ? {} : { 'a failed append leaves nothing: the next one takes its number': noFilling },
})

async function onDisk(body: (path: string) => Promise<void>): Promise<void> {
  const { path, remove } = await makePlace()
  try {
    await body(path)
  } finally {
    await remove()
  }
}

/** Files below `path` that this process holds open, those that were unlinked too. */
function openFiles(path: string): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`)
      return target.startsWith(path) ? [target] : []
    } catch {
      // The descriptor that listed the directory is closed by now.
      return []
    }
  })
}

async function refusal(promise: Promise<unknown>): Promise<MillraceError> {
  return promise.then(
    () => assert.unreachable('it must be refused'),
    (error: MillraceError) => error,
  ) as Promise<MillraceError>
}

async function fillSegments(store: LmdbStore, segments: number, commits = 3): Promise<void> {
  for (let i = 0; i < segments; i++) {
    for (let n = 0; n < commits; n++) await store.append(commitOf(store.openSegment().end, 500))
    await store.seal(text(`index ${i}`))
  }
}

const fullDisk = 'a full disk while sealing or writing the table is store_full, and both work again once there is space'
if (noFilling !== undefined) test.skip(fullDisk, noFilling)
else {
  test(fullDisk, () =>
    onDisk(async (path) => {
      const { store, fill, empty } = await openOnSmallDisk(path)
      const code = (promise: Promise<void>) => promise.then(String, (error: MillraceError) => error.code)
      for (let round = 0; round < 3; round++) {
        const { end } = store.openSegment()
        await store.append(commitOf(end, 500))
        await fill()
        assert.is(await code(store.seal(commitOf(round, 100_000))), 'store_full')
        assert.is(await code(store.put([{ key: 'k', value: commitOf(round, 100_000) }])), 'store_full')
        assert.equal(await whole(store, end, 500), Buffer.from(commitOf(end, 500)))
        assert.is((await store.entries('k')).length, round === 0 ? 0 : 1)
        await empty()
        await store.put([{ key: 'k', value: commitOf(round, 50_000) }])
        await store.seal(commitOf(round, 100_000))
        assert.is((await store.index(end)).length, 100_000)
      }
      assert.is(store.segments().length, 4)
      await store.close()
    }),
  )
}

if (process.platform === 'linux') {
  test('as few files stay open as are allowed, however many segments are read, and none after close', () =>
    onDisk(async (path) => {
      const store = await LmdbStore.open(path, small)
      await fillSegments(store, 12)
      const random = new Random()
      for (let i = 0; i < 200; i++) await whole(store, random.below(36), 500)
      await new Promise((resolve) => setImmediate(resolve))
      const open = openFiles(path)
      // Three for the catalog, three for the open segment, and at most three for each sealed one that is read.
      assert.ok(open.length <= 6 + 3 * 3, open.join('\n'))
      await store.close()
      assert.equal(openFiles(path), [])
    }))

  test('a trimmed segment leaves neither file, nor lock file, nor an open descriptor', () =>
    onDisk(async (path) => {
      const store = await LmdbStore.open(path, small)
      await fillSegments(store, 5)
      for (let commit = 0; commit < 15; commit++) await whole(store, commit, 500)
      await store.trim(15)
      assert.equal(readdirSync(path).sort(), [
        'FORMAT',
        'catalog.mdb',
        'catalog.mdb-lock',
        'log-0000000000000015.mdb',
        'log-0000000000000015.mdb-lock',
      ])
      const open = openFiles(path)
      assert.ok(open.every((file) => !file.includes('deleted')) && open.length <= 6, open.join('\n'))
      await store.close()
    }))
}

test('segments are closed and opened again while many read them, and every read is right', () =>
  onDisk(async (path) => {
    const store = await LmdbStore.open(path, { ...small, openSegments: 1 })
    await fillSegments(store, 8, 10)
    const random = new Random()
    const readers = Array.from({ length: 10 }, async () => {
      for (let i = 0; i < 100; i++) {
        const commit = random.below(80)
        assert.ok((await whole(store, commit, 500)).equals(commitOf(commit, 500)), `commit ${commit}`)
        if (random.oneIn(3)) await new Promise((resolve) => setImmediate(resolve))
      }
    })
    const scanner = (async () => {
      for (let i = 0; i < 5; i++) {
        let next = 0
        for await (const { number, value } of store.scan(0)) {
          assert.is(number, next++)
          assert.ok(Buffer.from(value).equals(commitOf(number, 500)))
        }
        assert.is(next, 80)
      }
    })()
    await Promise.all([...readers, scanner])
    await store.close()
  }))

test('an append that went wrong for no reason of space ends all writing, and nothing else', () =>
  onDisk(async (path) => {
    const store = await LmdbStore.open(path, small)
    await store.append(commitOf(0))
    // Somebody else's commit where ours was to go is as good as any fault that the disk's space does not explain.
    const intruder = LmdbSegment.open(path, 0, 1024 * 1024, false)
    await intruder.append(1, commitOf(1))
    const writes = [
      () => store.append(commitOf(1)),
      () => store.put([]),
      () => store.trim(0),
      () => store.seal(text('index')),
    ]
    for (const write of [...writes, ...writes]) assert.is((await refusal(write())).code, 'store_failed')
    assert.is(store.openSegment().end, 1)
    assert.equal(await whole(store, 0), Buffer.from(commitOf(0)))
    await intruder.close()
    await store.close()
  }))

test('a file that is no segment or no catalog is store_corrupt at the start, says which, and lets go of the directory', () =>
  onDisk(async (path) => {
    const store = await LmdbStore.open(path, small)
    await fillSegments(store, 2)
    await store.append(commitOf(6, 10_000))
    await store.put([{ key: 'k', value: text('v') }])
    await store.close()
    for (const name of [segmentName(6), 'catalog.mdb']) {
      const good = readFileSync(join(path, name))
      const cut = [0, 10, 100, 5_000].map((bytes) => good.subarray(0, bytes))
      for (const bytes of [Buffer.alloc(20_000, 7), Buffer.alloc(20_000), ...cut]) {
        writeFileSync(join(path, name), bytes)
        const error = await refusal(LmdbStore.open(path, small))
        assert.is(error.code, 'store_corrupt')
        assert.match(error.message, name)
      }
      writeFileSync(join(path, name), good)
    }
    await (await LmdbStore.open(path, small)).close()
  }))

test('a sealed segment that was cut short is store_corrupt when it is read, and the others are read as ever', () =>
  onDisk(async (path) => {
    const first = await LmdbStore.open(path, small)
    await fillSegments(first, 3, 20)
    await first.close()
    truncateSync(join(path, segmentName(20)), 12_288)
    const store = await LmdbStore.open(path, small)
    for (const commit of [20, 39]) assert.is((await refusal(whole(store, commit, 500))).code, 'store_corrupt')
    for (const commit of [0, 19, 40]) assert.equal(await whole(store, commit, 500), Buffer.from(commitOf(commit, 500)))
    await store.close()
  }))

test('reading goes on beside a trim, and what is gone is store_corrupt', () =>
  onDisk(async (path) => {
    const store = await LmdbStore.open(path, small)
    await fillSegments(store, 10)
    const random = new Random()
    let refused = 0
    const reading = Promise.all(
      Array.from({ length: 6 }, async () => {
        for (let i = 0; i < 60; i++) {
          const commit = random.below(30)
          const read = await whole(store, commit, 500).catch((error: { code?: string }) => error.code)
          if (read === 'store_corrupt') refused++
          else assert.ok(Buffer.isBuffer(read) && read.equals(commitOf(commit, 500)), `commit ${commit}: ${read}`)
          await new Promise((resolve) => setImmediate(resolve))
        }
      }),
    )
    for (const below of [3, 9, 21]) await store.trim(below)
    await reading
    assert.ok(refused > 0)
    assert.equal(
      store.segments().map(({ first }) => first),
      [21, 24, 27, 30],
    )
    await store.close()
  }))

test.run()
