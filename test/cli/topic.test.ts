import * as assert from 'uvu/assert'
import { suite } from '../suite.ts'
import { withCli } from './harness.ts'

const test = suite('millrace topic')
const linesOf = (text: string) => text.split('\n').slice(0, -1)

test(
  'a topic is created, subscribed to, listed and deleted',
  withCli(async ({ run, client }) => {
    assert.match((await run(['topic', 'list'])).stdout, 'millrace topic create orders')
    assert.is((await run(['topic', 'create', 'orders'])).code, 0)
    await client.queue('mails').create()
    const filter = '{"kind": ["order"]}'
    const subscribed = await run(['topic', 'subscribe', 'orders', '--queue', 'mails', '--filter', filter])
    assert.is(subscribed.code, 0, subscribed.stderr)
    const published = await run(
      ['topic', 'publish', 'orders', '--attribute', 'kind=order', '--json'],
      '{"id": 1}\n{"id": 2}\n',
    )
    assert.equal([published.code, (JSON.parse(published.stdout) as { messages: number }).messages], [0, 2])
    assert.is((await client.queue('mails').describe()).messages.visible, 2)
    const [list, subscriptions, missing, wrong] = await Promise.all([
      run(['topic', 'list']),
      run(['topic', 'subscriptions', 'orders']),
      run(['topic', 'subscriptions', 'order']),
      run(['topic', 'subscribe', 'orders', '--queue', 'mails', '--filter', 'x']),
    ])
    assert.match(list.stdout, /^orders +standard +1$/m)
    assert.match(subscriptions.stdout, /^mails +queue:mails +\{"kind":\["order"\]\} +0 +ok$/m)
    assert.equal([missing.code, wrong.code], [1, 2])
    assert.match(missing.stderr, 'Did you mean orders?')
    assert.is((await run(['topic', 'unsubscribe', 'orders', 'mails'])).code, 0)
    assert.equal(await client.topic('orders').subscriptions(), [])
    assert.is((await run(['topic', 'delete', 'orders', '--yes'])).code, 0)
    assert.equal(await client.topics(), [])
  }),
)

test(
  'without a target it listens, and prints what is published until it is interrupted',
  withCli(async ({ start, client }) => {
    const topic = client.topic('orders')
    await topic.create()
    const listening = start(['topic', 'subscribe', 'orders', '--json'])
    // It is there once something that was published is printed.
    while (listening.stdout === '') {
      await topic.publish({ data: '{"n": 1}', subject: 's' })
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    const [line = ''] = linesOf(listening.stdout)
    const { json, subject } = JSON.parse(line) as { json: unknown; subject: string }
    assert.equal([json, subject], [{ n: 1 }, 's'])
    listening.child.kill('SIGINT')
    assert.is((await listening.ended()).code, 130)
  }),
)

test.run()
