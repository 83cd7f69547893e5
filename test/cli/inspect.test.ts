import * as assert from 'uvu/assert'
import { suite } from '../suite.ts'
import { withCli } from './harness.ts'

const test = suite('millrace inspect and clock')

test(
  'segments, streams, shards, and consumers with their lag are shown, of one stream when asked',
  withCli(async ({ run, client }) => {
    const [a, b] = [client.stream('alpha'), client.stream('beta')]
    await Promise.all([a.create({ shards: 2 }), b.create()])
    for (let i = 0; i < 5; i++) await a.put({ key: 'k', data: 'x', hashKey: 0n })
    await a.checkpoint('reader', { 0: 2 })
    const [all, one, json, missing] = await Promise.all([
      run(['inspect']),
      run(['inspect', 'beta']),
      run(['inspect', '--json']),
      run(['inspect', 'gamma']),
    ])
    assert.match(all.stdout, /^Millrace \d+\.\d+\.\d+ at http.* clock real/)
    assert.match(all.stdout, /^ +0 +\d+ +[\d.]+ \w+ +open$/m)
    assert.match(all.stdout, /^alpha +2 +5 +1d +1 +3$/m)
    assert.match(all.stdout, /^alpha +0 +open +0 +5$/m)
    assert.match(all.stdout, /^alpha +reader +0 +2 +3$/m)
    assert.match(one.stdout, /^beta +0 +open +0 +0$/m)
    assert.not.match(one.stdout, 'alpha')
    const inspection = JSON.parse(json.stdout) as { broker: { name: string }; streams: { name: string }[] }
    assert.is(inspection.broker.name, 'millrace')
    assert.equal(
      inspection.streams.map(({ name }) => name),
      ['alpha', 'beta'],
    )
    assert.is(missing.code, 1)
  }),
)

test(
  'a manual clock is advanced, and retention with it',
  withCli(
    async ({ run, broker, client }) => {
      await client.stream('s').create({ retentionMillis: 60_000 })
      await client.stream('s').put({ key: 'k', data: 'x' })
      const before = broker.now()
      const advanced = await run(['clock', 'advance', '1h30m'])
      assert.is(advanced.code, 0, advanced.stderr)
      assert.is(broker.now() - before, 90 * 60_000)
      assert.match(advanced.stdout, 'It is 2026-01-01 01:30:00.000Z now.')
      assert.is((await run(['tail', 's', '--no-follow'])).stdout, '')
      const outcomes = await Promise.all([
        run(['clock', 'advance', '10']),
        run(['clock', 'advance', '0s']),
        run(['clock', 'advance']),
      ])
      assert.equal(
        outcomes.map(({ code }) => code),
        [2, 2, 2],
      )
    },
    { clock: 'manual' },
  ),
)

test(
  'the real clock is not moved',
  withCli(async ({ run }) => {
    const { code, stderr } = await run(['clock', 'advance', '10m'])
    assert.is(code, 1)
    assert.match(stderr, '--clock manual')
  }),
)

test.run()
