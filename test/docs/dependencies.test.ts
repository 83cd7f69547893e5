import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { root } from '../sources.ts'
import { suite } from '../suite.ts'
import { readPage } from './page.ts'

const test = suite('docs/dependencies.md')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}
const wanted = { ...manifest.dependencies, ...manifest.devDependencies }
/** Package and why it is here, from the table's rows. */
const reasons = new Map<string, string>()
for (const [, names = '', , why = ''] of readPage('docs/dependencies.md').matchAll(
  /^\| (`.*?) \| (.*?) \| (.*?) \|$/gm,
)) {
  for (const [, name = ''] of names.matchAll(/`([^`]+)`/g)) reasons.set(name, why)
}

test('every package is there with its reason, and none that is gone', () => {
  assert.equal([...reasons.keys()].sort(), Object.keys(wanted).sort())
  for (const [name, why] of reasons) assert.ok(why.length > 10, name)
})

test('every version is exact', () => {
  for (const [name, version] of Object.entries(wanted)) assert.match(version, /^\d+\.\d+\.\d+$/, name)
})

test.run()
