import { globalAgent } from 'node:https'
import { createRequire } from 'node:module'
import {
  ConfirmSubscriptionCommand,
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  PublishCommand,
  SetTopicAttributesCommand,
} from '@aws-sdk/client-sns'
import * as assert from 'uvu/assert'
import { cert, key } from '../server/certificate.ts'
import { suite } from '../suite.ts'
import { send } from './harness.ts'
import { queueArn, snsError, until, withEndpoint, withSns } from './sns-harness.ts'

const test = suite('SNS and HTTP endpoints')

/** It has no types of its own. */
const MessageValidator = createRequire(import.meta.url)('sns-validator') as new (
  hostPattern: RegExp,
) => { validate(message: object, done: (error: Error | null) => void): void }

test(
  'an endpoint confirms, gets signed messages, and can leave by the link in them',
  withSns(async ({ sns, topic, subscribe, broker }) => {
    const TopicArn = await topic('t')
    await withEndpoint(
      () => 200,
      async (url, got) => {
        const SubscriptionArn = await subscribe(TopicArn, 'http', url)
        await sns.send(new PublishCommand({ TopicArn, Message: 'too early' }))
        await until(() => got.length === 1)
        const [asked] = got
        assert.is(asked?.headers['x-amz-sns-message-type'], 'SubscriptionConfirmation')
        const confirmation = JSON.parse(asked?.body ?? '')
        const pending = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }))
        assert.is(pending.Subscriptions?.[0]?.SubscriptionArn, 'PendingConfirmation')
        const bad = await snsError(sns.send(new ConfirmSubscriptionCommand({ TopicArn, Token: 'x' })))
        assert.is(bad.message, 'Invalid parameter: Token')
        const link = new URL(confirmation.SubscribeURL)
        const confirmed = await send(broker.url, { method: 'GET', path: `${link.pathname}${link.search}` })
        assert.match(confirmed.body.toString(), `<SubscriptionArn>${SubscriptionArn}</SubscriptionArn>`)
        await sns.send(new PublishCommand({ TopicArn, Message: 'hello', Subject: 'greeting' }))
        await until(() => got.length === 2)
        const [, { headers, body }] = got as [unknown, (typeof got)[number]]
        assert.equal(
          [
            headers['x-amz-sns-message-type'],
            headers['content-type'],
            headers['x-amz-sns-topic-arn'],
            headers['x-amz-sns-subscription-arn'],
          ],
          ['Notification', 'text/plain; charset=UTF-8', TopicArn, SubscriptionArn],
        )
        const notification = JSON.parse(body)
        assert.equal([notification.Message, notification.Subject], ['hello', 'greeting'])
        const certificate = await send(broker.url, {
          method: 'GET',
          path: new URL(notification.SigningCertURL).pathname,
        })
        assert.match(certificate.body.toString(), /^-----BEGIN CERTIFICATE-----/)
        const out = new URL(notification.UnsubscribeURL)
        assert.is((await send(broker.url, { method: 'GET', path: `${out.pathname}${out.search}` })).status, 200)
        assert.is(
          (await snsError(sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn })))).name,
          'NotFoundException',
        )
      },
    )
  }),
)

test('the stock validator accepts what is signed, by either version, and nothing that was changed', async () => {
  const before = globalAgent.options.ca
  globalAgent.options.ca = cert
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
  try {
    await withSns(
      async ({ sns, topic, queue, bodies }) => {
        const TopicArn = await topic('t')
        const url = await queue('q', TopicArn)
        // Where its messages come from is what a validator must be told when that is not AWS.
        const validator = new MessageValidator(/^127\.0\.0\.1:\d+$/)
        const check = (message: object) =>
          new Promise<string>((resolve) => validator.validate(message, (error) => resolve(error?.message ?? 'valid')))
        for (const version of ['1', '2']) {
          await sns.send(
            new SetTopicAttributesCommand({ TopicArn, AttributeName: 'SignatureVersion', AttributeValue: version }),
          )
          await sns.send(new PublishCommand({ TopicArn, Message: `é ${version}`, Subject: 's' }))
          const [body = ''] = await bodies(url)
          const message = JSON.parse(body)
          assert.is(message.SignatureVersion, version)
          assert.is(await check(message), 'valid')
          assert.is(await check({ ...message, Message: 'something else' }), 'The message signature is invalid.')
        }
      },
      { tls: { cert, key } },
    )()
  } finally {
    globalAgent.options.ca = before
    delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
  }
})

test(
  'an endpoint that fails is tried again as its policy says, then its message goes to the dead letter queue; one that hangs holds up nobody',
  withSns(async ({ sns, topic, queue, subscribe, bodies, broker }) => {
    const TopicArn = await topic('t')
    const failedTopic = await topic('other')
    const failed = await queue('failed', failedTopic)
    const { bindings, topics } = broker.main.broker
    const confirmAll = async () => {
      const one = topics.get('t')
      for (const { token } of [...one.subscriptions.values()]) {
        if (token !== undefined) await topics.subscriptions.confirm(one, token, false)
      }
    }
    const policy = { healthyRetryPolicy: { numRetries: 2, numNoDelayRetries: 2 } }
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: queueArn('failed') })
    const isConfirmation = (body: string) => JSON.parse(body).Type === 'SubscriptionConfirmation'
    await withEndpoint(
      ({ body }) => (isConfirmation(body) ? 200 : 'hang'),
      (slow) =>
        withEndpoint(
          ({ body }) => (isConfirmation(body) ? 200 : 503),
          (broken, tries) =>
            withEndpoint(
              ({ body }) => (isConfirmation(body) ? 200 : 404),
              async (missing, asked) => {
                await subscribe(TopicArn, 'http', slow)
                await subscribe(TopicArn, 'http', broken, { DeliveryPolicy: JSON.stringify(policy), RedrivePolicy })
                await subscribe(TopicArn, 'http', missing, { RedrivePolicy })
                await until(() => tries.length === 1 && asked.length === 1)
                await confirmAll()
                await sns.send(new PublishCommand({ TopicArn, Message: 'hello' }))
                const letters: string[] = []
                await until(async () => letters.push(...(await bodies(failed))) >= 2 || letters.length >= 2)
                assert.equal(
                  letters.map((letter) => JSON.parse(letter).Message),
                  ['hello', 'hello'],
                )
                // One try and two more; none after an answer that says it is the client's own fault.
                assert.equal([tries.length, asked.length], [4, 2])
                const errors = bindings.records.list().map(({ name }) => bindings.status(name)?.lastError ?? '-')
                assert.ok(
                  errors.some((each) => /503/.test(each)) && errors.some((each) => /404/.test(each)),
                  errors.join(),
                )
              },
            ),
        ),
    )
  }),
)

test.run()
