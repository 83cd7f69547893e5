import * as assert from 'uvu/assert'
import { until } from '../bindings/harness.ts'
import { suite } from '../suite.ts'
import { withCli } from './harness.ts'

const test = suite('millrace binding')

test(
  'a binding is added, listed, described, paused, resumed and removed',
  withCli(async ({ run, client }) => {
    assert.match((await run(['bindings'])).stdout, 'millrace binding add')
    await client.stream('orders').create()
    await client.queue('jobs').create()
    await client.queue('failed').create()
    await client.stream('orders').put({ key: 'k', data: '{"total": 101}' })
    await client.stream('orders').put({ key: 'k', data: '{"total": 1}' })
    const added = await run([
      ...['binding', 'add', 'big', '--on', 'stream:orders', '--to', 'queue:jobs', '--from', 'horizon'],
      ...['--filter', '{"data": {"total": [{"numeric": [">", 100]}]}}', '--batch', '50', '--bisect'],
      ...['--retries', '3', '--max-age', '1h', '--dead-letter', 'queue:failed'],
    ])
    assert.is(added.code, 0, added.stderr)
    assert.match(added.stdout, /^source +stream:orders$/m)
    assert.match(added.stdout, /^batches +of 50 at most$/m)
    assert.match(added.stdout, /^retries +3 times, within 1h, halved each time$/m)
    assert.match(added.stdout, /^dead letters +to queue:failed$/m)
    await until(async () => (await client.queue('jobs').describe()).messages.visible === 1)
    const { messages } = await client.queue('jobs').peek()
    assert.equal(
      messages.map(({ data }) => Buffer.from(data).toString()),
      ['{"total": 101}'],
    )
    assert.match((await run(['binding', 'list'])).stdout, /^big +stream:orders +queue:jobs +/m)
    assert.match((await run(['binding', 'pause', 'big'])).stdout, 'Binding big is paused.')
    assert.match((await run(['binding', 'describe', 'big'])).stdout, /^state +paused$/m)
    assert.match((await run(['binding', 'resume', 'big'])).stdout, 'Binding big goes on.')
    const described = await run(['binding', 'describe', 'big', '--json'])
    assert.is(JSON.parse(described.stdout).paused, false)
    assert.match((await run(['binding', 'remove', 'big'])).stdout, 'Binding big is deleted.')
    assert.equal(await client.bindings(), [])
  }),
)

test(
  'what is wrong is told',
  withCli(async ({ run, client }) => {
    await client.queue('jobs').create()
    const bad = await Promise.all([
      run(['binding', 'add', 'x', '--on', 'orders', '--to', 'queue:jobs']),
      run(['binding', 'add', 'x', '--on', 'queue:jobs', '--to', 'jobs']),
      run(['binding', 'add', 'x', '--on', 'queue:jobs', '--to', 'bus:default', '--filter', 'x']),
      run(['binding', 'add', 'x', '--on', 'queue:jobs', '--to', 'bus:default', '--from', 'horizon']),
      run(['binding', 'add', 'x', '--on', 'stream:none', '--to', 'queue:jobs']),
      run(['binding', 'add', 'x', '--on', 'topic:news', '--to', 'queue:jobs']),
    ])
    assert.equal(
      bad.map(({ code }) => code),
      [2, 2, 2, 2, 1, 2],
    )
    assert.match(bad[0]?.stderr ?? '', 'Give stream:NAME or queue:NAME.')
    assert.match(bad[1]?.stderr ?? '', 'Give function:NAME')
    assert.match(bad[2]?.stderr ?? '', 'It must be a JSON object')
    assert.match(bad[3]?.stderr ?? '', '--from is for streams')
    assert.match(bad[4]?.stderr ?? '', 'There is no stream none.')
    assert.match(bad[5]?.stderr ?? '', 'millrace topic subscribe')
  }),
)

test.run()
