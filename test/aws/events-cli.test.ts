import * as assert from 'uvu/assert'
import { suite } from '../suite.ts'
import { aws, awsAnswer, noAwsCli } from './aws-cli.ts'
import { taken } from './events-harness.ts'
import { withBroker } from './harness.ts'

const test = suite('EventBridge by the AWS CLI')

const walk = 'a rule with a queue, an event on its way, an archive, and an error as it is told'
const run = () =>
  withBroker(async ({ main, url, faults }) => {
    const json = (...args: string[]) => awsAnswer(url, ...args)
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

const reason = noAwsCli()
if (reason === undefined) test(walk, run)
else test.skip(walk, reason)

test.run()
