import * as assert from 'uvu/assert'
import { suite } from '../suite.ts'
import { withCli } from './harness.ts'

const test = suite('millrace consumers')

test(
  'checkpoints are listed, moved to a place or a time, and forgotten',
  withCli(
    async ({ run, broker, client }) => {
      const stream = client.stream('s')
      await stream.create({ shards: 2 })
      const put = (hashKey: bigint) => stream.put({ key: 'k', data: 'x', hashKey })
      for (let i = 0; i < 3; i++) await put(0n)
      await broker.advance(60_000)
      for (let i = 0; i < 2; i++) await put(2n ** 127n)
      assert.match((await run(['consumers', 'list', 's'])).stdout, 's has no consumers')
      await stream.checkpoint('c', { 0: 1 })
      assert.match((await run(['consumers', 'list', 's'])).stdout, /^c +0 +1 +2$/m)
      const reset = async (...args: string[]) => {
        const { code, stdout, stderr } = await run(['consumers', 'reset', 's', 'c', '--json', ...args])
        assert.is(code, 0, stderr)
        const { shards } = JSON.parse(stdout) as { shards: { shard: number; next: number }[] }
        return shards.sort((a, b) => a.shard - b.shard).map(({ next }) => next)
      }
      assert.equal(await reset('--to', 'latest'), [3, 2])
      assert.equal(await reset('--to', 'horizon', '--shard', '1'), [3, 0])
      assert.equal(await reset('--to', '-30s'), [3, 0])
      assert.equal(await reset('--to', '2', '--shard', '0'), [2, 0])
      const deleted = await run(['consumers', 'delete', 's', 'c'])
      assert.is(deleted.code, 0, deleted.stderr)
      assert.equal(await stream.consumers(), [])
    },
    { clock: 'manual' },
  ),
)

test(
  'a place is needed, a sequence needs its shard, and what is not there is refused',
  withCli(async ({ run, client }) => {
    await client.stream('s').create({ shards: 2 })
    await client.stream('s').checkpoint('billing', { 0: 0 })
    const outcomes = await Promise.all([
      run(['consumers', 'reset', 's', 'c']),
      run(['consumers', 'reset', 's', 'c', '--to', '5']),
      run(['consumers', 'reset', 's', 'c', '--to', 'horizon', '--shard', '7']),
      run(['consumers', 'delete', 's', 'biling']),
    ])
    assert.equal(
      outcomes.map(({ code }) => code),
      [2, 2, 1, 1],
    )
    assert.match(outcomes[2]?.stderr ?? '', 'has no shard 7')
    assert.match(outcomes[3]?.stderr ?? '', 'Did you mean billing?')
    assert.is((await client.stream('s').consumers()).length, 1)
  }),
)

test(
  'a group at work keeps its checkpoints, unless forced',
  withCli(async ({ run, client }) => {
    const stream = client.stream('s')
    await stream.create()
    await stream.put({ key: 'k', data: 'x' })
    const group = stream.group('g')
    const running = group.run(() => undefined)
    while ((await stream.consumers())[0]?.shards[0]?.next !== 1) await new Promise((resolve) => setTimeout(resolve, 10))
    const [refused, removal] = await Promise.all([
      run(['consumers', 'reset', 's', 'g', '--to', 'horizon']),
      run(['consumers', 'delete', 's', 'g']),
    ])
    for (const { code, stderr } of [refused, removal]) {
      assert.is(code, 1)
      assert.match(stderr, 'Group g is at work (members: 1)')
    }
    const inspected = await run(['inspect', 's'])
    assert.match(inspected.stdout, new RegExp(`^s +g +${group.member} +0$`, 'm'))
    assert.is((await run(['consumers', 'reset', 's', 'g', '--to', 'horizon', '--force'])).code, 0)
    await group.close()
    await running
    const [{ next } = { next: -1 }] = (await stream.consumer('g')).shards
    assert.is(next, 0)
  }),
)

test.run()
