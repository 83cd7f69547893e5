import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import * as assert from 'uvu/assert'
import { root } from '../sources.ts'
import { suite } from '../suite.ts'
import { blocksIn, pages, readPage, stepsOf } from './page.ts'
import { runPage } from './page-run.ts'

const test = suite('pages')

/** The programs, beyond bash and Node, that blocks of a page use and this machine has not. */
function missing(path: string): string[] {
  const scripts = stepsOf(path).flatMap((step) => (step.kind === 'sh' ? [step.script] : []))
  const used = ['curl', 'jq', 'openssl', 'aws'].filter((name) =>
    scripts.some((script) => new RegExp(`(^|[|(;&] *|\\$\\()${name} `, 'm').test(script)),
  )
  return ['bash', ...used].filter((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0)
}

for (const path of pages()) {
  test(`${path}: what it links to is there`, () => {
    const prose = readPage(path)
      .replace(/^```[\s\S]*?^```/gm, '')
      .replace(/`[^`]*`/g, '')
    // Charts are drawn by a run of the bench.
    for (const [, target = ''] of prose.matchAll(/(?<!!)\[[^\]]*\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/.test(target)) continue
      assert.ok(existsSync(join(root, normalize(join(dirname(path), target)))), `${path} links to ${target}`)
    }
  })
  if (blocksIn(path).length === 0) continue
  const absent = missing(path)
  if (absent.length > 0) test.skip(`${path}: every block runs`, `there is no ${absent.join(', ')} here`)
  else test(`${path}: every block runs`, () => runPage(path))
}

test.run()
