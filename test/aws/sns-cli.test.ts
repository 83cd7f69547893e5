import * as assert from 'uvu/assert'
import { suite } from '../suite.ts'
import { aws, awsAnswer, noAwsCli } from './aws-cli.ts'
import { withBroker } from './harness.ts'

const test = suite('SNS by the AWS CLI')

const walk = 'a topic, a queue that subscribes, a message on its way, and an error as it is told'
const run = () =>
  withBroker(async ({ url, faults }) => {
    const json = (...args: string[]) => awsAnswer(url, ...args)
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

const reason = noAwsCli()
if (reason === undefined) test(walk, run)
else test.skip(walk, reason)

test.run()
