import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { withBroker } from './harness.ts'

const test = suite('kinesis through boto3 and the AWS CLI')
const script = fileURLToPath(new URL('../../../test/aws/kinesis-boto.py', import.meta.url))
const credentials = { AWS_ACCESS_KEY_ID: '123456789012', AWS_SECRET_ACCESS_KEY: 'x', AWS_DEFAULT_REGION: 'us-west-2' }

function works(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}

/** Runs a program to its end; the broker is in this process, so it must not be waited for without turns. */
function run(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; output: string }> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...credentials, ...environment, AWS_PAGER: '', AWS_EC2_METADATA_DISABLED: 'true' },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk
    })
  }
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })))
}

if (works('python3', ['-c', 'import boto3'])) {
  test('boto3: control plane, data plane, enhanced fan-out over HTTP/1.1', () =>
    withBroker(async ({ url }) => {
      const { code, output } = await run('python3', [script, url])
      assert.is(code, 0, output)
      assert.is(output, 'control\ndata\nfan out\n')
    }))
} else {
  console.log('skipped: boto3, because python3 has no boto3 here (apt install python3-boto3)')
  test.skip('boto3: control plane, data plane, enhanced fan-out over HTTP/1.1', () => undefined)
}

if (works('aws', ['--version'])) {
  test('the AWS CLI: a stream, a record, and back, by AWS_ENDPOINT_URL or --endpoint-url', () =>
    withBroker(async ({ url }) => {
      const aws = async (...args: string[]) => {
        const { code, output } = await run('aws', ['--endpoint-url', url, 'kinesis', ...args, '--output', 'json'])
        assert.is(code, 0, output)
        return output === '' ? {} : (JSON.parse(output) as Record<string, unknown>)
      }
      await aws('create-stream', '--stream-name', 'cli', '--shard-count', '1')
      await aws('wait', 'stream-exists', '--stream-name', 'cli')
      const put = await aws('put-record', '--stream-name', 'cli', '--partition-key', 'k', '--data', 'aGVsbG8=')
      assert.is(put['ShardId'], 'shardId-000000000000')
      const where = ['--stream-name', 'cli', '--shard-id', 'shardId-000000000000']
      const { ShardIterator } = await aws('get-shard-iterator', ...where, '--shard-iterator-type', 'TRIM_HORIZON')
      const page = await aws('get-records', '--shard-iterator', String(ShardIterator))
      const [record] = page['Records'] as { SequenceNumber: string }[]
      assert.is(record?.SequenceNumber, put['SequenceNumber'])
      await aws('delete-stream', '--stream-name', 'cli')
    }))
} else {
  console.log('skipped: the AWS CLI, because aws is not on the PATH (apt install awscli)')
  test.skip('the AWS CLI: a stream, a record, and back, by AWS_ENDPOINT_URL or --endpoint-url', () => undefined)
}

test.run()
