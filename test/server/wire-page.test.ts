import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { withBroker } from './harness.ts'

const test = suite('docs/wire.md')
const script = fileURLToPath(new URL('../../../test/server/wire-page.py', import.meta.url))
const python = ['python3', 'python'].find(
  (name) => spawnSync(name, ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))']).status === 0,
)

if (python === undefined) {
  console.log('skipped: the client in Python, because python3 (3.8 or newer) is not on the PATH')
  test.skip('a client written from the page alone, in Python, finds everything as it says', () => undefined)
} else {
  test('a client written from the page alone, in Python, finds everything as it says', () =>
    withBroker(async ({ port }) => {
      const child = spawn(python, [script, `${port}`], { stdio: ['ignore', 'pipe', 'pipe'] })
      let output = ''
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk) => {
          output += chunk
        })
      }
      const code = await new Promise((resolve) => child.on('close', resolve))
      assert.is(code, 0, output)
      const parts = ['conventions', 'resources', 'consumers', 'groups', 'sessions', 'subscriptions']
      assert.is(output, parts.map((part) => `${part}: as the page says\n`).join(''))
    }))
}

test.run()
