import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { suite } from '../suite.ts'
import { withBroker } from './harness.ts'

const test = suite('EventBridge Scheduler by boto3 and the AWS CLI')
const script = fileURLToPath(new URL('../../../test/aws/scheduler-boto.py', import.meta.url))
const environment = {
  ...process.env,
  AWS_ACCESS_KEY_ID: '123456789012',
  AWS_SECRET_ACCESS_KEY: 'x',
  AWS_DEFAULT_REGION: 'eu-west-1',
  AWS_PAGER: '',
}

function run(command: string, args: readonly string[]): Promise<{ code: number | undefined; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: environment })
    let output = ''
    const take = (chunk: Buffer) => {
      output += chunk.toString()
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.on('error', () => resolve({ code: undefined, output }))
    child.on('close', (code) => resolve({ code: code ?? undefined, output }))
  })
}

const [boto, aws] = await Promise.all([run('python3', ['-c', 'import boto3']), run('aws', ['--version'])])

const walk = 'a schedule is made, fires into a queue, and is told of'
if (boto.code !== 0) test.skip(`boto3: ${walk}`, 'there is no boto3 here')
else {
  test(`boto3: ${walk}`, () =>
    withBroker(async ({ url, faults }) => {
      const { code, output } = await run('python3', [script, url])
      assert.is(code, 0, output)
      assert.match(output, 'all good')
      assert.equal(faults, [])
    }))
}

const known = aws.code === 0 && (await run('aws', ['scheduler', 'help'])).code === 0
if (!known) test.skip('the CLI: a schedule is made and told of', 'there is no AWS CLI here that knows it')
else {
  test('the CLI: a schedule is made and told of', () =>
    withBroker(async ({ url }) => {
      const cli = (...args: string[]) => run('aws', ['--endpoint-url', url, 'scheduler', ...args, '--output', 'json'])
      const target = { Arn: 'arn:aws:sqs:eu-west-1:123456789012:q', RoleArn: 'arn:aws:iam::123456789012:role/r' }
      const made = await cli(
        ...['create-schedule', '--name', 'report', '--schedule-expression', 'cron(0 9 ? * MON-FRI *)'],
        ...['--flexible-time-window', '{"Mode":"OFF"}', '--target', JSON.stringify(target)],
      )
      assert.is(made.code, 0, made.output)
      assert.match(made.output, 'arn:aws:scheduler:eu-west-1:123456789012:schedule/default/report')
      const listed = await cli('list-schedules')
      assert.is((JSON.parse(listed.output) as { Schedules: { Name: string }[] }).Schedules[0]?.Name, 'report')
      const missing = await cli('get-schedule', '--name', 'none')
      assert.match(missing.output, 'An error occurred (ResourceNotFoundException)')
      assert.match(missing.output, 'Schedule none does not exist.')
    }))
}

test.run()
