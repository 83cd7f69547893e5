import * as assert from 'uvu/assert'
import { suite } from '../suite.ts'
import { withCli } from './harness.ts'

const test = suite('millrace bus')
const linesOf = (text: string) => text.split('\n').slice(0, -1)

test(
  'a rule is made, an event is put, seen and counted, and all of it is removed',
  withCli(async ({ run, client }) => {
    await client.queue('jobs').create()
    assert.match((await run(['bus', 'create', 'shop', '--retention', '2d'])).stdout, /^shop: keeps its events for 2d$/m)
    assert.match((await run(['bus', 'rules', 'shop'])).stdout, 'Make one: millrace bus rule NAME')
    const pattern = '{"source": ["shop"]}'
    const made = await run([
      'bus',
      'rule',
      'r',
      '--bus',
      'shop',
      '--pattern',
      pattern,
      '--to',
      'queue:jobs',
      'queue:gone',
    ])
    assert.is(made.code, 0, made.stderr)
    assert.match(made.stdout, /^r: to queue:jobs, queue:gone$/m)
    const put = await run(['bus', 'put', 'shop', '--source', 'shop', '--type', 'order placed', '{"total": 42}'])
    assert.is(put.code, 0, put.stderr)
    const [rules, list, tail, none, odd, misspelt] = await Promise.all([
      run(['bus', 'rules', 'shop']),
      run(['bus', 'list']),
      run(['bus', 'tail', 'shop', '--no-follow']),
      run(['bus', 'tail', 'shop', '--no-follow', '--pattern', '{"source": ["else"]}']),
      run(['bus', 'put', 'shop', '--source', 's', '--type', 't', 'plain']),
      run(['bus', 'rules', 'shp']),
    ])
    assert.match(
      rules.stdout,
      /^r +\{"source":\["shop"\]\} +queue:jobs queue:gone +1 +1 +queue-gone: There is no queue gone\.$/m,
    )
    assert.match(list.stdout, /^shop +1 +1 +2d$/m)
    const [event, ...more] = linesOf(tail.stdout).map((line) => JSON.parse(line))
    assert.equal([event.id, event.detail, more], [put.stdout.trim(), { total: 42 }, []])
    assert.is(none.stdout, '')
    assert.is(odd.code, 2)
    assert.match(misspelt.stderr, 'Did you mean shop?')
    assert.is((await client.queue('jobs').describe()).messages.visible, 1)
    assert.is((await run(['bus', 'delete', 'shop'])).code, 1)
    assert.is((await run(['bus', 'rule', 'r', '--bus', 'shop', '--remove'])).code, 0)
    assert.is((await run(['bus', 'delete', 'shop'])).code, 0)
  }),
)

test(
  'an archive is made, listed and replayed',
  withCli(async ({ run, client }) => {
    await client.queue('jobs').create()
    await client.bus().putRule('r', { pattern: { source: ['shop'] }, targets: [{ target: { queue: 'jobs' } }] })
    assert.is((await run(['bus', 'archive', 'a', '--days', '3'])).code, 0)
    await client.bus().put({ source: 'shop', type: 't' })
    assert.match((await run(['bus', 'archives'])).stdout, /^a +all events +1 +\d+ B +3d$/m)
    const replayed = await run(['bus', 'replay', 'x', '--archive', 'a', '--from', '-1h'])
    assert.is(replayed.code, 0, replayed.stderr)
    assert.match(replayed.stdout, /^completed: 1 events were handed out again$/m)
    assert.match((await run(['bus', 'replays'])).stdout, /^x +a +completed +100 % +1 /m)
    assert.is((await client.queue('jobs').describe()).messages.visible, 2)
    assert.is((await run(['bus', 'archive', 'a', '--remove'])).code, 0)
  }),
)

test.run()
