import { createHash } from 'node:crypto'
import * as assert from 'uvu/assert'
import { Log, mergeRecord, splitRecords } from '../../broker/log/log.ts'
import type { Shard } from '../../broker/log/shard.ts'
import { hashKeyMax } from '../../broker/wire/hash-range.ts'
import { Random } from '../random.ts'
import { suite } from '../suite.ts'

const test = suite('log')
const limits = { producersPerShardMax: 10, producerWindowBlocks: 8 }
const settings = { retentionMillis: 1_000, recordBytesMax: 1_000 }

const newLog = (shards: number) => new Log(Log.record(1, 's', shards, 0, settings), limits)

/** Splits or merges open shards at random, as the catalog's records say; returns the log. */
function reshard(log: Log, random: Random, times: number): Log {
  for (let time = 1; time <= times; time++) {
    const open = log.openShards.sort((a, b) => (a.range.start < b.range.start ? -1 : 1))
    const i = random.below(open.length)
    const [shard, next] = [open[i] as Shard, open[i + 1]]
    if (next !== undefined && random.oneIn(2)) {
      const pair = random.shuffled([shard, next]) as [Shard, Shard]
      log.replace(pair, [mergeRecord(pair[0], pair[1], log.nextShard, time)], time)
    } else {
      const { start, end } = shard.range
      const at = start + 1n + (BigInt(random.below(1_000_000)) * (end - start)) / 1_000_000n
      if (at <= end) log.replace([shard], splitRecords(shard, at, log.nextShard, time), time)
    }
  }
  return log
}

test('through any splits and merges the open shards cover the hash space once', () => {
  const random = new Random()
  for (let round = 0; round < 20; round++) {
    const log = reshard(newLog(random.between(1, 5)), random, 30)
    const open = log.openShards.sort((a, b) => (a.range.start < b.range.start ? -1 : 1))
    let next = 0n
    for (const { range } of open) {
      assert.is(range.start, next)
      assert.ok(range.end >= range.start)
      next = range.end + 1n
    }
    assert.is(next, hashKeyMax + 1n)
  }
})

test('each key goes to the open shard whose range holds its hash', () => {
  const random = new Random()
  const log = reshard(newLog(3), random, 40)
  for (let i = 0; i < 500; i++) {
    const hash = BigInt(`0x${createHash('md5').update(`key-${i}`).digest('hex')}`)
    const { open, range } = log.ofKey(`key-${i}`)
    assert.ok(open && range.start <= hash && hash <= range.end)
  }
})

test('parents know their children and children their parents, and numbers are never used twice', () => {
  const log = reshard(newLog(2), new Random(), 60)
  const numbers = [...log.shards.keys()]
  assert.equal(
    numbers,
    [...new Set(numbers)].sort((a, b) => a - b),
  )
  assert.is(log.nextShard, numbers.length)
  for (const shard of log.shards.values()) {
    assert.is(shard.open, shard.children.length === 0)
    for (const child of shard.children) assert.ok(log.shards.get(child)?.parents.includes(shard.number))
    for (const parent of shard.parents) assert.ok(log.shards.get(parent)?.children.includes(shard.number))
  }
})

test('what the catalog keeps makes the same log again', () => {
  const log = reshard(newLog(4), new Random(), 40)
  const again = new Log(JSON.parse(JSON.stringify(log.record())), limits)
  assert.equal(again.record(), log.record())
  assert.is(again.nextShard, log.nextShard)
  for (let i = 0; i < 200; i++) assert.is(again.ofKey(`key-${i}`).number, log.ofKey(`key-${i}`).number)
  for (const [number, shard] of log.shards) assert.equal(again.shards.get(number)?.children, shard.children)
})

test('whoever watches is told of the children when they can be written to, and waiting readers of the end', () => {
  const log = newLog(1)
  const parent = log.shard(0)
  const heard: string[] = []
  log.watchers.add((children) => heard.push(`children ${children.map(({ number, open }) => `${number} ${open}`)}`))
  parent.listeners.add({ appended: () => undefined, closed: () => heard.push(`closed, open: ${parent.open}`) })
  log.replace([parent], splitRecords(parent, 100n, 1, 5), 5)
  assert.equal(heard, ['children 1 true,2 true', 'closed, open: false'])
  assert.equal(
    [log.shard(1).range, log.shard(2).range],
    [
      { start: 0n, end: 99n },
      { start: 100n, end: hashKeyMax },
    ],
  )
})

test('the child of a merge names the shard first that was named first', () => {
  const log = newLog(2)
  assert.equal(mergeRecord(log.shard(1), log.shard(0), 2, 9), {
    shard: 2,
    parents: [1, 0],
    start: '0',
    end: `${hashKeyMax}`,
    createdAt: 9,
  })
})

test.run()
