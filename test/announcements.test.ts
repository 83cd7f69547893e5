import * as assert from 'uvu/assert'
import { Main } from '../broker/main.ts'
import { connect } from '../client/index.ts'
import { suite } from './suite.ts'

const test = suite('what the broker says of itself')

test('streams that are scaled, queues that are redriven and bindings that fail are events on the default bus', async () => {
  const main = await Main.start({ memory: true })
  const client = await connect(main)
  try {
    const bus = client.bus()
    await client.stream('before').create()
    await client.stream('before').split(0)
    assert.is((await bus.describe()).shards[0]?.next, 0, 'nothing is written for a bus that nobody uses')
    await client.queue('seen').create()
    await bus.putRule('own', { pattern: { source: ['millrace'] }, targets: [{ target: { queue: 'seen' } }] })
    await client.stream('s').create()
    await client.stream('s').split(0)
    await client.queue('dead').create()
    await client.queue('jobs').create()
    await client.queue('dead').startMove({ destination: 'jobs' })
    await main.broker.bindings.create({
      ...{ name: 'b', source: { kind: 'queue', queue: 'jobs', arn: '' }, filter: [], paused: true },
      ...{
        batch: { recordsMax: 1, windowMillis: 0, parallel: 1, partial: false },
        target: { kind: 'queue', queue: 'seen' },
      },
      ...{ retry: { retriesMax: null, ageMillisMax: null, bisect: false }, region: 'r', account: 'a' },
    })
    const failing = { lastResult: 'PROBLEM: x', lastError: 'y', at: 0 }
    for (const status of [failing, failing, { lastResult: 'OK', at: 1 }]) main.broker.bindings.report('b', status)
    const seen: Record<string, unknown> = {}
    for await (const message of client.queue('seen').receive()) {
      const event = message.json<{ 'detail-type': string; detail: object }>()
      assert.not.ok(event['detail-type'] in seen)
      seen[event['detail-type']] = event.detail
      await message.delete()
      if (Object.keys(seen).length === 3) break
    }
    assert.equal(seen, {
      'Stream Scaled': { stream: 's', openShards: 2 },
      'Queue Redriven': { queue: 'dead', status: 'completed', moved: 0, total: 0, destination: 'jobs' },
      'Binding Failed': { binding: 'b', source: 'queue', target: 'queue', lastResult: 'PROBLEM: x', lastError: 'y' },
    })
  } finally {
    await client.close()
    await main.close()
  }
})

test('a schedule that fired is an event, in the commit of what it fired', async () => {
  const main = await Main.start({ memory: true, clock: 'manual' })
  const client = await connect(main)
  try {
    for (const name of ['seen', 'jobs']) await client.queue(name).create()
    const pattern = { 'detail-type': ['Schedule Fired'] }
    await client
      .bus()
      .putRule('own', { pattern, targets: [{ target: { queue: 'seen' }, input: { path: '$.detail' } }] })
    await client.schedule('s').set('rate(1 hour)', { target: { queue: 'jobs' } })
    await main.broker.advance(60 * 60 * 1_000)
    const message = await client.queue('seen').receive().next()
    const { schedule, group, target } = message?.json<Record<string, string>>() ?? {}
    assert.equal([schedule, group, target], ['s', 'default', 'arn:aws:sqs:us-east-1:000000000000:jobs'])
  } finally {
    await client.close()
    await main.close()
  }
})

test.run()
