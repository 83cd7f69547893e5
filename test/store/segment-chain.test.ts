import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { LmdbStore } from '../../broker/store/lmdb.ts'
import { LmdbSegment, segmentName } from '../../broker/store/lmdb-segment.ts'
import { lastNotAfter } from '../../broker/store/segment-chain.ts'
import { commitOf, text, whole } from '../conformance/store-place.ts'
import { suite } from '../suite.ts'

const test = suite('segment chain')
const mapBytes = 64 * 1024 * 1024

/** A directory with three sealed segments of two commits and an open one of one; `body` may do to it what a crash does. */
async function withChain(body: (path: string) => Promise<void>): Promise<void> {
  const path = await mkdtemp(join(tmpdir(), 'millrace-chain-'))
  try {
    const store = await LmdbStore.open(path)
    for (let i = 0; i < 7; i++) {
      await store.append(commitOf(i))
      if (i % 2 === 1) await store.seal(text(`index ${i}`))
    }
    await store.close()
    await body(path)
  } finally {
    await rm(path, { recursive: true, force: true })
  }
}

/** Checks that all seven commits are there, and that the store goes on. */
async function checkWhole(path: string, openFirst: number): Promise<void> {
  const store = await LmdbStore.open(path)
  assert.is(store.openSegment().first, openFirst)
  assert.is(store.openSegment().end, 7)
  for (let i = 0; i < 7; i++) assert.equal(await whole(store, i), Buffer.from(commitOf(i)))
  assert.is(Buffer.from(await store.index(4)).toString(), 'index 5')
  assert.is(await store.append(commitOf(7)), 7)
  assert.equal(await whole(store, 7), Buffer.from(commitOf(7)))
  await store.close()
}

test('a crash after the index was written and before there is a next segment: it is sealed, and the next one is begun', () =>
  withChain(async (path) => {
    const segment = LmdbSegment.open(path, 6, mapBytes, false)
    await segment.seal(text('index 6'))
    await segment.close()
    await checkWhole(path, 7)
  }))

test('a crash while the next segment is created, at any point of its file: it is created anew', () =>
  withChain(async (path) => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(100), new Uint8Array(8_192)]) {
      const copy = `${path}-copy`
      await cp(path, copy, { recursive: true })
      const segment = LmdbSegment.open(copy, 6, mapBytes, false)
      await segment.seal(text('index 6'))
      await segment.close()
      await writeFile(join(copy, `${segmentName(7)}.new`), bytes)
      await writeFile(join(copy, `${segmentName(7)}.new-lock`), 'a lock')
      await checkWhole(copy, 7)
      assert.not((await readdir(copy)).some((name) => name.includes('.new')))
      await rm(copy, { recursive: true })
    }
  }))

test('a crash right after the next segment was created: it is the open one', () =>
  withChain(async (path) => {
    const segment = LmdbSegment.open(path, 6, mapBytes, false)
    await segment.seal(text('index 6'))
    await segment.close()
    await (await LmdbSegment.create(path, 7, mapBytes)).close()
    await checkWhole(path, 7)
  }))

test('a crash before the index was written: the segment is open still', () => withChain((path) => checkWhole(path, 6)))

test('a crash between the two files of a trimmed segment leaves a lock file, which goes at the next start', () =>
  withChain(async (path) => {
    await rm(join(path, segmentName(0)))
    const store = await LmdbStore.open(path)
    assert.not((await readdir(path)).includes(`${segmentName(0)}-lock`))
    assert.equal(
      store.segments().map(({ first }) => first),
      [2, 4, 6],
    )
    await store.close()
  }))

test('files of others are left alone', () =>
  withChain(async (path) => {
    const others = ['notes.new', 'log-7.mdb', 'log-0000000000000009.mdb.bak', 'lost+found.mdb-lock']
    for (const name of others) await writeFile(join(path, name), name)
    await checkWhole(path, 6)
    const names = await readdir(path)
    for (const name of others) assert.ok(names.includes(name), name)
  }))

test('the segment of a commit is the last that begins at it or before', () => {
  const segments = [0, 5, 9].map((first) => ({ first, end: first + 4, bytes: 0 }))
  for (const [commit, place] of [
    [-1, -1],
    [0, 0],
    [4, 0],
    [5, 1],
    [8, 1],
    [9, 2],
    [100, 2],
  ] as const) {
    assert.is(lastNotAfter(segments, commit), place, `of ${commit}`)
  }
  assert.is(lastNotAfter([], 3), -1)
})

test.run()
