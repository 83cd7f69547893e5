import { spawn, spawnSync } from 'node:child_process'
import * as assert from 'uvu/assert'

const environment = {
  ...process.env,
  AWS_ACCESS_KEY_ID: '123456789012',
  AWS_SECRET_ACCESS_KEY: 'x',
  AWS_DEFAULT_REGION: 'eu-west-1',
  AWS_PAGER: '',
  AWS_EC2_METADATA_DISABLED: 'true',
}

/** Why what wants the AWS CLI, or this service of it, cannot run here; undefined when it can. */
export function noAwsCli(service?: string): string | undefined {
  const args = service === undefined ? ['--version'] : [service, 'help']
  const works = spawnSync('aws', args, { stdio: 'ignore', env: environment }).status === 0
  return works ? undefined : `no aws ${service ?? ''} is on the PATH (apt install awscli)`
}

/** Runs the AWS CLI to its end against a broker; the broker is in this process, so it must have its turns meanwhile. */
export function aws(url: string, ...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn('aws', ['--endpoint-url', url, ...args, '--output', 'json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk
    })
  }
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })))
}

/** The same, for what must succeed: what it printed, `{}` when that is nothing. */
export async function awsAnswer(url: string, ...args: string[]): Promise<Record<string, unknown>> {
  const { code, output } = await aws(url, ...args)
  assert.is(code, 0, output)
  return output.trim() === '' ? {} : (JSON.parse(output) as Record<string, unknown>)
}
