import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { withBroker } from './harness.ts'

const test = suite('EventBridge by boto3')
const script = fileURLToPath(new URL('../../../test/aws/events-boto.py', import.meta.url))

function run(command: string, args: readonly string[]): Promise<{ code: number | undefined; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
    child.on('error', () => resolve({ code: undefined, output }))
    child.on('close', (code) => resolve({ code: code ?? undefined, output }))
  })
}

/** Pythons that may have a boto3 of their own: whichever comes first in the path, and the system's. */
const pythons = ['python3', '/usr/bin/python3']
const versions = await Promise.all(
  pythons.map((python) => run(python, ['-c', 'import boto3, botocore; print(botocore.__version__)'])),
)
const seen = new Set<string>()

for (const [i, { code, output: version }] of versions.entries()) {
  const known = code === 0 && !seen.has(version)
  seen.add(version)
  const name = `with ${pythons[i]}, botocore ${version.trim().split('\n').at(-1)}`
  ;(known ? test : test.skip)(name, () =>
    withBroker(async ({ url, faults }) => {
      const { code, output } = await run(pythons[i] as string, [script, url])
      assert.is(code, 0, output)
      assert.match(output, 'all good')
      assert.equal(faults, [])
    }),
  )
}

test.run()
