import * as assert from 'uvu/assert'
import { suite } from '../suite.ts'
import { aws, noAwsCli } from './aws-cli.ts'
import { testByBoto } from './boto.ts'
import { withBroker } from './harness.ts'

const test = suite('EventBridge Scheduler by boto3 and the AWS CLI')
await testByBoto(test, 'scheduler-boto.py')

const reason = noAwsCli('scheduler')
if (reason !== undefined) test.skip('the CLI: a schedule is made and told of', reason)
else {
  test('the CLI: a schedule is made and told of', () =>
    withBroker(async ({ url }) => {
      const cli = (...args: string[]) => aws(url, 'scheduler', ...args)
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
