import * as assert from 'uvu/assert'
import { ManualClock } from '../../broker/clock.ts'
import type { Client } from '../../client/index.ts'
import { suite } from '../suite.ts'
import { run, textsIn, withData, withSchedules } from './schedule-harness.ts'

const test = suite('schedules, topics and buses')

const hour = 3_600_000

/** A rule of the default bus that sends all it has to a queue. */
async function rule(client: Client, name: string, body: object, queue: string): Promise<void> {
  const targets = [{ id: '1', target: { queue } }]
  await client.endpoint.call({ method: 'PUT', path: `/v1/buses/default/rules/${name}`, body: { ...body, targets } })
}

test('a topic publishes what a schedule gives it, in the same commit', () =>
  withSchedules('2026-01-01T00:00:00Z', async ({ main, client, faults }) => {
    await client.queue('q').create()
    await client.topic('t').create()
    await client.topic('t').putSubscription('one', { target: { queue: 'q' } })
    await client.schedule('s').set('at(2026-01-01T01:00:00)', { target: { topic: 't' }, input: 'hello' })
    assert.equal((await client.schedule('s').describe()).target, { topic: 't' })
    await main.broker.advance(hour)
    assert.equal(await textsIn(client, 'q'), ['hello'])
    assert.equal(faults, [])
  }))

test('a bus gets an event, which its rules match', () =>
  withSchedules('2026-01-01T00:00:00Z', async ({ main, client, faults }) => {
    await client.queue('q').create()
    await rule(client, 'r', { pattern: { source: ['my.app'], detail: { n: [1] } } }, 'q')
    const target = { bus: 'default', source: 'my.app', detailType: 'Tick' }
    await client.schedule('s').set('at(2026-01-01T01:00:00)', { target, input: { n: 1 } })
    await client.schedule('other').set('at(2026-01-01T01:00:00)', { target, input: { n: 2 } })
    await main.broker.advance(hour)
    const [event, more] = (await textsIn(client, 'q')).map((text) => JSON.parse(text) as Record<string, unknown>)
    assert.is(more, undefined)
    const { id: _, ...rest } = event ?? {}
    assert.equal(rest, {
      version: '0',
      'detail-type': 'Tick',
      source: 'my.app',
      account: '000000000000',
      time: '2026-01-01T01:00:00Z',
      region: 'us-east-1',
      resources: ['arn:aws:scheduler:us-east-1:000000000000:schedule/default/s'],
      detail: { n: 1 },
    })
    assert.equal(faults, [])
  }))

test('a rule with a schedule fires one period after it was made, and goes on over a restart without coming twice', () =>
  withData(async (data) => {
    const clock = new ManualClock(Date.parse('2026-01-01T00:00:00Z'))
    const timesIn = async (client: Client, queue: string) =>
      (await textsIn(client, queue)).map((text) => (JSON.parse(text) as { time: string }).time).sort()
    await run({ data, clock }, async ({ client, main }) => {
      for (const name of ['rate', 'cron']) await client.queue(name).create()
      await rule(client, 'rate', { schedule: 'rate(1 hour)' }, 'rate')
      await rule(client, 'cron', { schedule: 'cron(30 * * * ? *)' }, 'cron')
      await main.broker.advance(hour)
      assert.equal(await timesIn(client, 'rate'), ['2026-01-01T01:00:00Z'])
      assert.equal(await timesIn(client, 'cron'), ['2026-01-01T00:30:00Z'])
    })
    await run({ data, clock }, async ({ client, main }) => {
      await main.broker.advance(0)
      assert.is((await timesIn(client, 'rate')).length, 1)
      await main.broker.advance(hour)
      assert.equal((await timesIn(client, 'rate')).slice(1), ['2026-01-01T02:00:00Z'])
      assert.equal((await timesIn(client, 'cron')).slice(1), ['2026-01-01T01:30:00Z'])
      const path = '/v1/buses/default/rules/rate'
      await client.endpoint.call({ method: 'DELETE', path })
      await main.broker.advance(hour)
      assert.is((await timesIn(client, 'rate')).length, 2)
      assert.is((await timesIn(client, 'cron')).length, 3)
    })
  }))

test.run()
