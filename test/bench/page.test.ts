import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { charts, renderPage } from '../../bench/page.ts'
import type { Results } from '../../bench/result.ts'
import { scenarios } from '../../bench/scenarios.ts'
import { sampleResult } from './harness.ts'

const docs = fileURLToPath(new URL('../../../docs', import.meta.url))
const test = suite('performance page')

const handWritten = `# Title

Before.

<!-- bench: append -->
old
<!-- end -->

Between.

<!-- bench: other -->
<!-- end -->
`

test('blocks are filled, what is written by hand stays, and doing it again changes nothing', () => {
  const results = { append: sampleResult('append') }
  const once = renderPage(handWritten, results)
  assert.match(once, '# Title\n\nBefore.\n')
  assert.match(once, 'Between.')
  assert.match(once, '1 M (900 k to 1.2 M)')
  assert.not.match(once, 'old')
  assert.match(once, '<!-- bench: other -->\n\nNot measured yet.\n\n<!-- end -->')
  assert.is(renderPage(once, results), once)
})

test('the machine is named once for all scenarios measured at the same time', () => {
  const text = renderPage('<!-- bench: machine -->\n<!-- end -->\n', {
    append: sampleResult('append'),
    latency: sampleResult('latency'),
  })
  assert.match(text, /- A CPU, 2 cores, 24 GiB, ext4.*commit 0123456789ab, 2026-01-01, 3 rounds: append, latency\n/)
})

test('docs/performance.md and its charts are what the figures in docs/performance.json give', async () => {
  const page = await readFile(join(docs, 'performance.md'), 'utf8')
  const results = JSON.parse(await readFile(join(docs, 'performance.json'), 'utf8')) as Results
  assert.ok(Object.values(results).every(({ quick }) => !quick))
  assert.is(renderPage(page, results), page, 'run: npm run bench -- --page docs/performance.json')
  for (const [name, svg] of charts(results)) {
    assert.is(await readFile(join(docs, 'performance', name), 'utf8'), svg, name)
  }
})

test('docs/performance.md has every scenario', async () => {
  const page = await readFile(join(docs, 'performance.md'), 'utf8')
  for (const { name } of scenarios) assert.ok(page.includes(`<!-- bench: ${name} -->`), name)
})

test.run()
