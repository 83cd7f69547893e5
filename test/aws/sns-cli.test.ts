import { spawn, spawnSync } from 'node:child_process'
import * as assert from 'uvu/assert'
import { suite } from '../suite.ts'
import { withBroker } from './harness.ts'

const test = suite('SNS by the AWS CLI')
const environment = {
  ...process.env,
  AWS_ACCESS_KEY_ID: '123456789012',
  AWS_SECRET_ACCESS_KEY: 'x',
  AWS_DEFAULT_REGION: 'eu-west-1',
  AWS_PAGER: '',
  AWS_EC2_METADATA_DISABLED: 'true',
}

function aws(url: string, ...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn('aws', ['--endpoint-url', url, ...args, '--output', 'json'], { env: environment })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  child.stderr.on('data', (chunk) => {
    output += chunk
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })))
}

const walk = 'a topic, a queue that subscribes, a message on its way, and an error as it is told'
const isThere = spawnSync('aws', ['--version'], { stdio: 'ignore' }).status === 0
const run = () =>
  withBroker(async ({ url, faults }) => {
    const json = async (...args: string[]) => {
      const { code, output } = await aws(url, ...args)
      assert.is(code, 0, output)
      return (output.trim() === '' ? {} : JSON.parse(output)) as Record<string, never>
    }
    const topic = [
      '--topic-arn',
      (await json('sns', 'create-topic', '--name', 'orders'))['TopicArn'] as unknown as string,
    ]
    const queueUrl = (await json('sqs', 'create-queue', '--queue-name', 'q'))['QueueUrl'] as unknown as string
    const endpoint = ['--protocol', 'sqs', '--notification-endpoint', 'arn:aws:sqs:eu-west-1:123456789012:q']
    await json('sns', 'subscribe', ...topic, ...endpoint, '--attributes', 'RawMessageDelivery=true')
    await json('sns', 'publish', ...topic, '--message', 'hello')
    const { Messages } = (await json('sqs', 'receive-message', '--queue-url', queueUrl)) as unknown as {
      Messages: { Body: string }[]
    }
    assert.is(Messages[0]?.Body, 'hello')
    const refused = await aws(url, 'sns', 'publish', '--topic-arn', `${topic[1]}x`, '--message', 'hello')
    assert.match(
      refused.output,
      'An error occurred (NotFound) when calling the Publish operation: Topic does not exist',
    )
    assert.equal(faults, [])
  })

if (isThere) test(walk, run)
else test.skip(walk, 'there is no aws here')

test.run()
