import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Log } from '../../broker/log/log.ts'
import { planResize } from '../../broker/log/resize.ts'
import { evenRanges } from '../../broker/wire/hash-range.ts'
import { inMemory, onDisk } from './harness.ts'

const test = suite('resize')

const ranges = (log: Log) => log.openShards.map(({ range }) => range).sort((a, b) => (a.start < b.start ? -1 : 1))
const lineage = (log: Log) =>
  [...log.shards.values()].map(({ number, parents, open }) => `${number}<${parents}${open ? '' : ' closed'}`)

test('the open shards are then of equal width, whatever they were', () =>
  inMemory(async ({ logs, streams }) => {
    const stream = await streams.create('s', { shards: 2 })
    await stream.split(0, 5n)
    for (const count of [4, 3, 7, 14, 5, 5, 1, 2]) {
      await stream.resize(count)
      assert.equal(ranges(stream.log), evenRanges(count), `${count}`)
    }
    for (const { parents } of stream.log.shards.values()) assert.ok(parents.length <= 2)
    await logs.committer.idle()
  }))

test('2 to 4 is two splits, 4 to 2 is two merges, 2 to 3 is splits and a merge in between', () =>
  inMemory(async ({ streams }) => {
    const { log } = await streams.create('s', { shards: 2 })
    await streams.get('s').resize(4)
    assert.equal(lineage(log), ['0< closed', '1< closed', '2<0', '3<0', '4<1', '5<1'])
    await streams.get('s').resize(2)
    assert.equal(lineage(log).slice(2), ['2<0 closed', '3<0 closed', '4<1 closed', '5<1 closed', '6<2,3', '7<4,5'])
    const other = await streams.create('t', { shards: 2 })
    await other.resize(3)
    assert.equal(lineage(other.log), ['0< closed', '1< closed', '2<0', '3<0 closed', '4<1 closed', '5<1', '6<3,4'])
  }))

test('a count that is there already changes nothing', () =>
  inMemory(async ({ streams }) => {
    const { log } = await streams.create('s', { shards: 3 })
    assert.equal(planResize(log, 3, 0), { parents: [], children: [] })
  }))

test('what a shard held is read before what its children got, and it all survives a restart', () =>
  onDisk(async (open) => {
    const first = await open()
    const stream = await first.streams.create('s')
    await stream.put([{ key: 'k', data: Uint8Array.of(1) }])
    await stream.resize(3)
    await stream.put([{ key: 'k', data: Uint8Array.of(2) }])
    const before = lineage(stream.log)
    await first.close()
    const second = await open()
    assert.equal(lineage(second.streams.get('s').log), before)
    const all = await Promise.all(
      [...second.streams.get('s').log.shards.keys()].map((shard) =>
        second.streams.get('s').read(shard, 'horizon', { recordsMax: 10, bytesMax: 100 }),
      ),
    )
    assert.equal(
      all.flatMap(({ records }) => records.map(({ data }) => data[0])),
      [1, 2],
    )
    await second.close()
  }))

test('a large one is planned in no time', () =>
  inMemory(async ({ streams }) => {
    const { log } = await streams.create('s', { shards: 5_000 })
    const { children } = planResize(log, 10_000, 0)
    assert.is(children.length, 10_000)
  }))

test.run()
