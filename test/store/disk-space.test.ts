import { constants, tmpdir } from 'node:os'
import * as assert from 'uvu/assert'
import { DiskSpace } from '../../broker/store/disk-space.ts'
import { suite } from '../suite.ts'

const test = suite('disk space')
const failure = (code: string | number) => Object.assign(new Error('a write failed'), { code })

test('a write that failed because the disk was full is excused, even when there is room again', async () => {
  const space = new DiskSpace(tmpdir())
  for (const code of ['ENOSPC', constants.errno.ENOSPC]) {
    const excuse = await space.excuse(1, failure(code))
    assert.is(excuse?.code, 'store_full')
  }
})

test('a write that failed for any other reason, with room on the disk, is not excused', async () => {
  const space = new DiskSpace(tmpdir())
  for (const cause of [failure('EIO'), failure(constants.errno.EIO), new Error('no code'), undefined]) {
    assert.is(await space.excuse(1, cause), undefined)
  }
})

test('a write that failed where there is no room is excused, whatever it said', async () => {
  const space = new DiskSpace(tmpdir())
  assert.is((await space.excuse(Number.MAX_SAFE_INTEGER, failure('EIO')))?.code, 'store_full')
})

test.run()
