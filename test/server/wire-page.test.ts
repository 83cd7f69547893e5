import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { suite } from '../suite.ts'
import { withBroker } from './harness.ts'

const test = suite('docs/wire.md')
const script = fileURLToPath(new URL('../../../test/server/wire-page.py', import.meta.url))
const python = ['python3', 'python'].find(
  (name) => spawnSync(name, ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))']).status === 0,
)

if (python === undefined) {
  test.skip('a client written from the page alone, in Python', 'python3, 3.8 or newer, is not on the PATH')
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
