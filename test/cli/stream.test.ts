import * as assert from 'uvu/assert'
import type { StreamDescription } from '../../client/index.ts'
import { suite } from '../suite.ts'
import { withCli } from './harness.ts'

const test = suite('millrace stream')

test(
  'a stream is created, changed, split, merged and deleted, and each step prints it',
  withCli(async ({ run, client }) => {
    const created = await run(['stream', 'create', 'orders', '--shards', '2', '--retention', '7d'])
    assert.is(created.code, 0, created.stderr)
    assert.match(created.stdout, 'orders: 2 open shards, kept 7d, records up to 1.0 MiB')
    const updated = await run(['stream', 'update', 'orders', '--retention', '1h30m', '--record-size', '4MiB'])
    assert.match(updated.stdout, 'kept 1h 30m, records up to 4.0 MiB')
    const split = JSON.parse((await run(['stream', 'split', 'orders', '0', '--json'])).stdout) as StreamDescription
    assert.equal(
      split.shards.map(({ shard, status }) => [shard, status]),
      [
        [0, 'closed'],
        [1, 'open'],
        [2, 'open'],
        [3, 'open'],
      ],
    )
    const merged = await run(['stream', 'merge', 'orders', '2', '3'])
    assert.match(merged.stdout, /^ +4 +open +0 +0 +50\.0 % +2 \+ 3$/m)
    const described = await run(['stream', 'describe', 'orders', '--json'])
    assert.equal(JSON.parse(described.stdout), await client.stream('orders').describe())
    const deleted = await run(['stream', 'delete', 'orders'])
    assert.is(deleted.code, 0, deleted.stderr)
    assert.equal(await client.streams(), [])
  }),
)

test(
  'streams are listed as a table or as JSON, and a broker without any says how to get one',
  withCli(async ({ run, client }) => {
    assert.match((await run(['stream', 'list'])).stdout, 'millrace stream create orders')
    await client.stream('b').create()
    await client.stream('a').create({ shards: 3 })
    const [text, json] = await Promise.all([run(['stream', 'list']), run(['streams', 'ls', '--json'])])
    assert.match(text.stdout, /^a +3 +1d +1\.0 MiB/m)
    assert.equal(JSON.parse(json.stdout), await client.streams())
  }),
)

test(
  'what the broker refuses ends with 1, and says what to do',
  withCli(async ({ run, client }) => {
    await client.stream('orders').create()
    const [exists, missing, unlike] = await Promise.all([
      run(['stream', 'create', 'orders']),
      run(['stream', 'describe', 'ordrs']),
      run(['stream', 'describe', 'something-else']),
    ])
    assert.is(exists.code, 1)
    assert.match(exists.stderr, 'exists already')
    assert.is(missing.code, 1)
    assert.match(missing.stderr, 'Did you mean orders?')
    assert.not.match(unlike.stderr, 'Did you mean')
    assert.match(unlike.stderr, 'Create it: millrace stream create something-else')
    assert.is((await run(['stream', 'create', 'orders', '--if-missing'])).code, 0)
  }),
)

test(
  'what cannot be meant ends with 2 before the broker is asked',
  withCli(async ({ run, client }) => {
    await client.stream('orders').create()
    const outcomes = await Promise.all([
      run(['stream', 'create', 'x', '--shards', '0']),
      run(['stream', 'create', 'x', '--retention', '10']),
      run(['stream', 'create', 'x', '--record-size', 'big']),
      run(['stream', 'update', 'orders']),
      run(['stream', 'split', 'orders', 'zero']),
      run(['stream', 'create', 'no spaces']),
    ])
    assert.equal(
      outcomes.map(({ code }) => code),
      [2, 2, 2, 2, 2, 2],
    )
    for (const { stdout, stderr } of outcomes) {
      assert.is(stdout, '')
      assert.ok(stderr.length > 0)
    }
    assert.is((await client.streams()).length, 1)
  }),
)

test.run()
