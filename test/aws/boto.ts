import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import type { Suite } from '../suite.ts'
import { withBroker } from './harness.ts'

/** Pythons that may have a boto3 of their own: whichever comes first in the path, and the system's. */
const pythons = ['python3', '/usr/bin/python3']

/** Adds a test for each boto3 on this machine, which runs a script beside the tests; without any it says so. */
export async function testByBoto(test: Suite, script: string): Promise<void> {
  const pythons = (await pythonsWithBoto()).filter(({ known }) => known)
  for (const { name, python } of pythons) test(name, () => runScript(python, script))
  if (pythons.length === 0) test.skip(script, 'no python3 has a boto3 here (apt install python3-boto3)')
}

/** Each Python that has a boto3, told by the version of that; the others, and those that have the same, are `known: false`. */
async function pythonsWithBoto(): Promise<readonly { name: string; python: string; known: boolean }[]> {
  const versions = await Promise.all(
    pythons.map((python) => run(python, ['-c', 'import boto3, botocore; print(botocore.__version__)'])),
  )
  return versions.map(({ code, output }, i) => {
    const known = code === 0 && versions.findIndex((other) => other.output === output) === i
    const python = pythons[i] as string
    return { name: `with ${python}, botocore ${output.trim().split('\n').at(-1)}`, python, known }
  })
}

/** Runs one of the scripts beside the tests against a broker of its own; it ends with `all good`. */
function runScript(python: string, name: string): Promise<void> {
  const script = fileURLToPath(new URL(`../../../test/aws/${name}`, import.meta.url))
  return withBroker(async ({ url, faults }) => {
    const { code, output } = await run(python, [script, url])
    assert.is(code, 0, output)
    assert.match(output, 'all good')
    assert.equal(faults, [])
  })
}

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
