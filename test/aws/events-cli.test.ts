import { spawn, spawnSync } from 'node:child_process'
import * as assert from 'uvu/assert'
import { suite } from '../suite.ts'
import { taken } from './events-harness.ts'
import { withBroker } from './harness.ts'

const test = suite('EventBridge by the AWS CLI')
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

const walk = 'a rule with a queue, an event on its way, an archive, and an error as it is told'
const isThere = spawnSync('aws', ['--version'], { stdio: 'ignore' }).status === 0
const run = () =>
  withBroker(async ({ main, url, faults }) => {
    const json = async (...args: string[]) => {
      const { code, output } = await aws(url, ...args)
      assert.is(code, 0, output)
      return output.trim() === '' ? {} : JSON.parse(output)
    }
    await main.broker.queues.create('q')
    const rule = await json('events', 'put-rule', '--name', 'r', '--event-pattern', '{"source":["shop"]}')
    assert.equal(rule, { RuleArn: 'arn:aws:events:eu-west-1:123456789012:rule/r' })
    const targets = 'Id=q,Arn=arn:aws:sqs:eu-west-1:123456789012:q,InputPath=$.detail'
    const put = await json('events', 'put-targets', '--rule', 'r', '--targets', targets)
    assert.equal(put, { FailedEntryCount: 0, FailedEntries: [] })
    const source = 'arn:aws:events:eu-west-1:123456789012:event-bus/default'
    await json('events', 'create-archive', '--archive-name', 'a', '--event-source-arn', source)
    const entries = JSON.stringify([{ Source: 'shop', DetailType: 'order', Detail: '{"n":1}' }])
    assert.is((await json('events', 'put-events', '--entries', entries)).FailedEntryCount, 0)
    assert.equal(await taken(main, 'q'), ['{"n":1}'])
    assert.is((await json('events', 'describe-archive', '--archive-name', 'a')).EventCount, 1)
    const refused = await aws(url, 'events', 'describe-rule', '--name', 'none')
    const text =
      '(ResourceNotFoundException) when calling the DescribeRule operation: Rule none does not exist on EventBus default.'
    assert.match(refused.output, text)
    assert.equal(faults, [])
  })

if (isThere) test(walk, run)
else test.skip(walk, 'there is no aws here')

test.run()
