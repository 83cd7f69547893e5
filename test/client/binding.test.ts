import * as assert from 'uvu/assert'
import { createBroker } from '../../broker/index.ts'
import { connect } from '../../client/index.ts'
import { until } from '../bindings/harness.ts'
import { suite } from '../suite.ts'

const test = suite('client: bindings')

test('a binding is made, described, paused, resumed, changed and deleted', async () => {
  const broker = await createBroker({ memory: true })
  const client = await connect(broker)
  try {
    await client.stream('orders').create()
    await client.queue('jobs').create()
    const binding = client.binding('forward')
    const source = { stream: 'orders', from: new Date(0) } as const
    const made = await binding.set({ source, target: { queue: 'jobs' }, filter: [{ data: { kind: ['job'] } }] })
    assert.equal(made.source, {
      kind: 'stream',
      stream: 'orders',
      from: { time: 0 },
      arn: 'arn:aws:kinesis:us-east-1:000000000000:stream/orders',
    })
    const waiting = async () => (await client.queue('jobs').describe()).messages.visible
    await client.stream('orders').put({ key: 'k', data: '{"kind":"job"}' })
    await client.stream('orders').put({ key: 'k', data: '{"kind":"other"}' })
    await until(async () => (await waiting()) === 1)
    assert.is((await binding.pause()).paused, true)
    await client.stream('orders').put({ key: 'k', data: '{"kind":"job"}' })
    await until(async () => (await binding.describe()).lag === 1)
    assert.is((await binding.resume()).paused, false)
    await until(async () => (await waiting()) === 2)
    const changed = await binding.set({ source, target: { queue: 'jobs' }, batch: { recordsMax: 7 } })
    assert.equal([changed.batch.recordsMax, changed.filter], [7, []])
    assert.equal(
      (await client.bindings()).map(({ name }) => name),
      ['forward'],
    )
    await binding.delete()
    assert.is(await binding.describe().catch((error: { code: string }) => error.code), 'binding_not_found')
  } finally {
    await client.close()
    await broker.close()
  }
})

test.run()
