import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { holdDirectory } from '../../broker/store/data-directory.ts'
import { LmdbStore } from '../../broker/store/lmdb.ts'
import type { MillraceError } from '../../broker/wire/errors.ts'
import { suite } from '../suite.ts'

const test = suite('data directory')

async function inDirectory(body: (path: string) => Promise<void>): Promise<void> {
  const path = await mkdtemp(join(tmpdir(), 'millrace-data-'))
  try {
    await body(path)
  } finally {
    await rm(path, { recursive: true, force: true })
  }
}

/** Another process that holds `path`. */
async function holder(path: string): Promise<ChildProcess & { pid: number }> {
  const program = fileURLToPath(new URL('./hold-directory.js', import.meta.url))
  const child = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return child as ChildProcess & { pid: number }
}

async function refusal(opening: Promise<unknown>): Promise<MillraceError> {
  return opening.then(
    () => assert.unreachable('it must be refused'),
    (error: MillraceError) => error,
  ) as Promise<MillraceError>
}

/** Names, sizes, times and bytes of all in a directory. */
async function snapshot(path: string): Promise<unknown> {
  const names = (await readdir(path)).sort()
  return Promise.all(
    names.map(async (name) => {
      const { mtimeMs, size, mode } = await stat(join(path, name))
      return { name, mtimeMs, size, mode, bytes: (await readFile(join(path, name))).toString('hex') }
    }),
  )
}

test('a directory is created with all above it, and says which format it has', () =>
  inDirectory(async (path) => {
    const held = await holdDirectory(join(path, 'a', 'b'))
    assert.is(await readFile(join(path, 'a', 'b', 'FORMAT'), 'utf8'), 'millrace 1\n')
    assert.equal(await readdir(join(path, 'a', 'b')), ['FORMAT'])
    await held.release()
    await (await holdDirectory(join(path, 'a', 'b'))).release()
  }))

test('another process is refused and told who holds it, and gets it the moment that one is killed', () =>
  inDirectory(async (path) => {
    const child = await holder(path)
    const error = await refusal(LmdbStore.open(path))
    assert.is(error.code, 'store_locked')
    assert.is(error.details['pid'], String(child.pid))
    assert.match(error.message, String(child.pid))
    child.kill('SIGKILL')
    await once(child, 'exit')
    await (await LmdbStore.open(path)).close()
  }))

test('a directory is the same by whatever name it is called', () =>
  inDirectory(async (path) => {
    await mkdir(join(path, 'data'))
    await symlink(join(path, 'data'), join(path, 'link'), 'junction')
    const held = await holdDirectory(join(path, 'link'))
    assert.is((await refusal(holdDirectory(join(path, 'data')))).code, 'store_locked')
    assert.is((await refusal(holdDirectory(join(path, 'data', '..', 'data')))).code, 'store_locked')
    await held.release()
  }))

const stopped = 'a holder too busy to answer holds it all the same'
if (process.platform === 'win32') test.skip(stopped, 'Windows cannot stop a process')
else {
  test(stopped, () =>
    inDirectory(async (path) => {
      const child = await holder(path)
      child.kill('SIGSTOP')
      const error = await refusal(holdDirectory(path))
      assert.is(error.code, 'store_locked')
      assert.match(String(error.details['pid']), 'unknown')
      child.kill('SIGKILL')
    }),
  )
}

test('a format that is not known is refused, and nothing in the directory is touched', () =>
  inDirectory(async (path) => {
    const store = await LmdbStore.open(path)
    await store.append(Buffer.from('a commit'))
    await store.close()
    await writeFile(join(path, 'FORMAT'), 'millrace 2\n')
    await writeFile(join(path, 'log-0000000000000009.mdb.new'), 'what a crash left')
    for (const name of await readdir(path)) await utimes(join(path, name), 1_000, 1_000)
    const before = await snapshot(path)
    const error = await refusal(LmdbStore.open(path))
    assert.is(error.code, 'store_format')
    assert.match(error.message, 'millrace 2')
    assert.match(error.message, 'Nothing was changed')
    assert.equal(await snapshot(path), before)
    await writeFile(join(path, 'FORMAT'), 'millrace 1\n')
    const again = await LmdbStore.open(path)
    assert.is(again.openSegment().end, 1, 'the refusal let go of the directory')
    await again.close()
  }))

test('a crash while FORMAT is first written leaves a directory that opens', () =>
  inDirectory(async (path) => {
    await writeFile(join(path, 'FORMAT.new'), 'mill')
    const store = await LmdbStore.open(path)
    assert.equal((await readdir(path)).sort(), [
      'FORMAT',
      'catalog.mdb',
      'catalog.mdb-lock',
      'log-0000000000000000.mdb',
      'log-0000000000000000.mdb-lock',
    ])
    await store.close()
  }))

test.run()
