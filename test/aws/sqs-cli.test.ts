import { spawn, spawnSync } from 'node:child_process'
import * as assert from 'uvu/assert'
import { suite } from '../suite.ts'
import { withBroker } from './harness.ts'

const test = suite('SQS by the AWS CLI')
const environment = {
  ...process.env,
  AWS_ACCESS_KEY_ID: '123456789012',
  AWS_SECRET_ACCESS_KEY: 'x',
  AWS_DEFAULT_REGION: 'eu-west-1',
  AWS_PAGER: '',
  AWS_EC2_METADATA_DISABLED: 'true',
}

/** Runs the CLI's `sqs` and reads what it printed. */
async function aws(url: string, ...args: string[]): Promise<Record<string, unknown>> {
  const { code, output, errors } = await run(url, args)
  assert.is(code, 0, errors)
  return output.trim() === '' ? {} : (JSON.parse(output) as Record<string, unknown>)
}

function run(url: string, args: readonly string[]): Promise<{ code: number | null; output: string; errors: string }> {
  const child = spawn('aws', ['--endpoint-url', url, 'sqs', ...args, '--output', 'json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment,
  })
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output, errors })))
}

const walk = 'a queue, a message and its way through a dead-letter queue, and errors as they are told'

if (spawnSync('aws', ['--version'], { stdio: 'ignore' }).status === 0) {
  test(walk, () =>
    withBroker(async ({ url, faults }) => {
      const dead = String((await aws(url, 'create-queue', '--queue-name', 'failed'))['QueueUrl'])
      const redrive = { deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:123456789012:failed', maxReceiveCount: 1 }
      const attributes = JSON.stringify({ RedrivePolicy: JSON.stringify(redrive) })
      const created = await aws(url, 'create-queue', '--queue-name', 'jobs', '--attributes', attributes)
      const jobs = String(created['QueueUrl'])
      assert.is(jobs, `${url}/123456789012/jobs`)
      const named = '{"kind":{"DataType":"String","StringValue":"order"}}'
      const sent = await aws(
        url,
        'send-message',
        '--queue-url',
        jobs,
        '--message-body',
        'hello',
        '--message-attributes',
        named,
      )
      const receive = ['receive-message', '--attribute-names', 'All', '--message-attribute-names', 'All']
      const first = await aws(url, ...receive, '--queue-url', jobs, '--visibility-timeout', '0')
      const [message] = first['Messages'] as Record<string, unknown>[]
      assert.equal([message?.['MessageId'], message?.['Body']], [sent['MessageId'], 'hello'])
      assert.equal(message?.['MD5OfMessageAttributes'], sent['MD5OfMessageAttributes'])
      assert.equal(await aws(url, ...receive, '--queue-url', jobs), {})
      const second = await aws(url, ...receive, '--queue-url', dead)
      const [buried] = second['Messages'] as { MessageId: string; ReceiptHandle: string }[]
      assert.is(buried?.MessageId, sent['MessageId'])
      await aws(url, 'delete-message', '--queue-url', dead, '--receipt-handle', buried?.ReceiptHandle ?? '')
      const missing = await run(url, ['get-queue-url', '--queue-name', 'nowhere'])
      assert.not.equal(missing.code, 0)
      assert.match(missing.errors, 'AWS.SimpleQueueService.NonExistentQueue')
      assert.equal(faults, [])
    }),
  )
} else test.skip(walk, 'aws is not on the PATH (apt install awscli)')

test.run()
