import { readFile } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { awsServices } from '../../broker/api/aws/services.ts'
import { coverage } from './coverage.ts'

const test = suite('aws coverage')

test('docs/aws/coverage.md is what the tables say (npm run coverage writes it anew)', async () => {
  assert.is(await readFile(new URL('../../../docs/aws/coverage.md', import.meta.url), 'utf8'), coverage())
})

test('no operation is there twice, and none is both there and absent', () => {
  for (const { operations, absent } of awsServices) {
    const names = [...operations.map((each) => each.name), ...absent]
    assert.equal([...new Set(names)], names)
  }
})

test.run()
