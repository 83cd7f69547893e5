import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { faultInHeader } from '../../broker/store/lmdb-header.ts'
import { LmdbSegment, segmentName } from '../../broker/store/lmdb-segment.ts'
import { commitOf } from '../conformance/store-place.ts'
import { suite } from '../suite.ts'

const test = suite('lmdb header')

/** Says what is found in a segment of three commits after `damage` was done to its bytes. */
async function found(damage: (bytes: Buffer) => Buffer | undefined, whole = true): Promise<string> {
  const path = mkdtempSync(join(tmpdir(), 'millrace-header-'))
  try {
    const segment = await LmdbSegment.create(path, 0, 1024 * 1024)
    for (let i = 0; i < 3; i++) await segment.append(i, commitOf(i, 3_000))
    await segment.close()
    const file = join(path, segmentName(0))
    const bytes = readFileSync(file)
    writeFileSync(file, damage(bytes) ?? bytes)
    return faultInHeader(file, whole) ?? 'nothing'
  } finally {
    rmSync(path, { recursive: true })
  }
}

const at =
  (offset: number, ...values: number[]) =>
  (bytes: Buffer) => {
    bytes.set(values, offset)
    return undefined
  }

test('a sound file, and one that is not there, have no fault', async () => {
  assert.is(await found(() => undefined), 'nothing')
  assert.is(await found(() => undefined, false), 'nothing')
  assert.is(faultInHeader(join(tmpdir(), 'millrace-no-such-file'), true), undefined)
})

test('each thing that would end the process is found and named', async () => {
  assert.match(await found(() => Buffer.alloc(0)), 'shorter than its header')
  assert.match(await found((bytes) => bytes.subarray(0, 5_000)), 'inside its header')
  for (const page of [0, 4_096]) {
    assert.match(await found(at(page + 18, 0, 0)), 'no meta data')
    assert.match(await found(at(page + 24, 1)), 'of LMDB')
    assert.match(await found(at(page + 28, 9)), 'another version')
    assert.match(await found(at(page + 96 + 40, 0xff, 0xff, 0, 0, 0, 0, 0, 0)), 'no page of it')
    assert.match(await found(at(page + 96 + 40, 1, 0, 0, 0, 0, 0, 0, 0)), 'no page of it')
    assert.match(await found(at(page + 96 + 6, 0xff, 0)), 'deeper')
  }
  assert.match(await found(at(48, 1)), 'page size')
  assert.match(await found(at(4_096 + 49, 0x20)), 'page size')
})

test('a transaction number that would make an older state the newest is found', async () => {
  for (const page of [0, 4_096]) assert.match(await found(at(page + 152, 9)), 'do not follow')
})

test('a file that lost its last pages is found where every page was written', async () => {
  const cut = (bytes: Buffer) => bytes.subarray(0, bytes.length - 4_096)
  assert.match(await found(cut), 'cut short')
  assert.not.match(await found(cut, false), 'cut short')
  assert.match(await found(at(144 + 4, 1), false), 'cut short')
})

test.run()
