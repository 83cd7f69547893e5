import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { strToU8, type Zippable, zipSync } from 'fflate'
import * as assert from 'uvu/assert'
import { CodeStore } from '../../broker/store/code-store.ts'
import { suite } from '../suite.ts'

const test = suite('code store')

async function withStore(body: (store: CodeStore, path: string) => Promise<void>): Promise<void> {
  const parent = await mkdtemp(join(tmpdir(), 'millrace-test-'))
  const path = join(parent, 'functions')
  const store = new CodeStore(path, { bytesMax: 1_000_000, entriesMax: 100 })
  try {
    await body(store, path)
    assert.equal(await readdir(parent), ['functions'], 'nothing is written beside it')
  } finally {
    await store.close()
    await rm(parent, { recursive: true, force: true })
  }
}

async function refusal(store: CodeStore, archive: Uint8Array): Promise<string> {
  return store.put(archive).then(
    () => 'taken',
    (error: Error) => error.message,
  )
}

const unix = (mode: number) => ({ os: 3, attrs: mode << 16 })

test('an archive is unpacked, kept under its hash, and may be put again', () =>
  withStore(async (store, path) => {
    const archive = zipSync({
      'index.mjs': strToU8('export {}'),
      lib: { 'a.txt': strToU8('a') },
      bootstrap: [strToU8('#!'), unix(0o755)],
    })
    const { hash, bytes } = await store.put(archive)
    assert.is(bytes, archive.length)
    assert.equal(await store.put(archive), { hash, bytes })
    const directory = await store.directory(hash)
    assert.is(await readFile(join(directory, 'lib', 'a.txt'), 'utf8'), 'a')
    assert.is((await stat(join(directory, 'bootstrap'))).mode & 0o777, 0o755)
    assert.equal(new Uint8Array(await store.read(hash)), archive)
    await rm(directory, { recursive: true })
    assert.is(await readFile(join(await store.directory(hash), 'index.mjs'), 'utf8'), 'export {}')
    assert.equal((await readdir(path)).sort(), [hash, `${hash}.zip`])
  }))

test('two that put the same archive at once both have it', () =>
  withStore(async (store) => {
    const archive = zipSync({ a: strToU8('x'.repeat(100_000)) })
    const [one, other] = await Promise.all([store.put(archive), store.put(archive)])
    assert.equal(one, other)
  }))

test('names that lead out are refused, and nothing is left behind', () =>
  withStore(async (store, path) => {
    for (const name of ['../outside', '/absolute', 'a/../../outside', 'a\\b']) {
      assert.is.not(await refusal(store, zipSync({ [name]: strToU8('x') } as Zippable)), 'taken', name)
    }
    assert.equal(await readdir(path), [])
  }))

test('a link inside is made, one that leads out is refused', () =>
  withStore(async (store) => {
    const link = (target: string) => zipSync({ file: strToU8('x'), 'dir/link': [strToU8(target), unix(0o120777)] })
    const { hash } = await store.put(link('../file'))
    assert.is(await readFile(join(await store.directory(hash), 'dir', 'link'), 'utf8'), 'x')
    for (const target of ['../../x', '/etc/passwd']) assert.match(await refusal(store, link(target)), /leads out/)
  }))

test('a bomb is refused: by what it says, and by what it is', () =>
  withStore(async (store, path) => {
    assert.match(await refusal(store, zipSync({ zeros: new Uint8Array(1_000_001) })), /smaller than 1000000 bytes/)
    const many = Object.fromEntries([...Array(101).keys()].map((i) => [`f${i}`, strToU8('')]))
    assert.match(await refusal(store, zipSync(many)), /more than 100 entries/)
    const lying = Buffer.from(zipSync({ zeros: new Uint8Array(5_000_000) }))
    // The size of the unpacked file is in the central directory, 24 bytes from its beginning.
    lying.writeUInt32LE(10, lying.indexOf(Buffer.from('PK\x01\x02')) + 24)
    assert.match(await refusal(store, lying), /too many bytes/)
    assert.equal(await readdir(path), [])
  }))

test('what is no archive is refused', () =>
  withStore(async (store) => {
    for (const bytes of [strToU8('hello'), new Uint8Array(0), strToU8('PK\x03\x04')]) {
      assert.is.not(await refusal(store, bytes), 'taken')
    }
  }))

test('what is not kept goes, and so does what a crash left', () =>
  withStore(async (store, path) => {
    const { hash } = await store.put(zipSync({ a: strToU8('a') }))
    await store.put(zipSync({ b: strToU8('b') }))
    await writeFile(join(path, 'left.tmp'), '')
    await store.keepOnly(new Set([hash]))
    assert.equal((await readdir(path)).sort(), [hash, `${hash}.zip`])
  }))

test.run()
