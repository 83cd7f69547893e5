import * as assert from 'uvu/assert'
import { suite } from '../suite.ts'
import { aws, awsAnswer, noAwsCli } from './aws-cli.ts'
import { withBroker } from './harness.ts'

const test = suite('SQS by the AWS CLI')

/** Runs the CLI's `sqs` and reads what it printed. */
const sqs = (url: string, ...args: string[]) => awsAnswer(url, 'sqs', ...args)

const walk = 'a queue, a message and its way through a dead-letter queue, and errors as they are told'

const reason = noAwsCli()
if (reason === undefined) {
  test(walk, () =>
    withBroker(async ({ url, faults }) => {
      const dead = String((await sqs(url, 'create-queue', '--queue-name', 'failed'))['QueueUrl'])
      const redrive = { deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:123456789012:failed', maxReceiveCount: 1 }
      const attributes = JSON.stringify({ RedrivePolicy: JSON.stringify(redrive) })
      const created = await sqs(url, 'create-queue', '--queue-name', 'jobs', '--attributes', attributes)
      const jobs = String(created['QueueUrl'])
      assert.is(jobs, `${url}/123456789012/jobs`)
      const named = '{"kind":{"DataType":"String","StringValue":"order"}}'
      const sent = await sqs(
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
      const first = await sqs(url, ...receive, '--queue-url', jobs, '--visibility-timeout', '0')
      const [message] = first['Messages'] as Record<string, unknown>[]
      assert.equal([message?.['MessageId'], message?.['Body']], [sent['MessageId'], 'hello'])
      assert.equal(message?.['MD5OfMessageAttributes'], sent['MD5OfMessageAttributes'])
      assert.equal(await sqs(url, ...receive, '--queue-url', jobs), {})
      const second = await sqs(url, ...receive, '--queue-url', dead)
      const [buried] = second['Messages'] as { MessageId: string; ReceiptHandle: string }[]
      assert.is(buried?.MessageId, sent['MessageId'])
      await sqs(url, 'delete-message', '--queue-url', dead, '--receipt-handle', buried?.ReceiptHandle ?? '')
      const missing = await aws(url, 'sqs', 'get-queue-url', '--queue-name', 'nowhere')
      assert.not.equal(missing.code, 0)
      assert.match(missing.output, 'AWS.SimpleQueueService.NonExistentQueue')
      assert.equal(faults, [])
    }),
  )
} else test.skip(walk, reason)

test.run()
