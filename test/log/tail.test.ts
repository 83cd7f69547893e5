import * as assert from 'uvu/assert'
import { ShardTail, Tail, type TailRun } from '../../broker/log/tail.ts'
import { Random } from '../random.ts'
import { suite } from '../suite.ts'

const test = suite('tail')

/** Pushes a run of `records` records behind the last one of `tail`. */
function push(tail: ShardTail, runs: TailRun[], records: number, bytes = 10): TailRun {
  const base = runs.at(-1)?.next ?? 0
  const run = { base, next: base + records, time: base, frame: new Uint8Array(bytes) }
  tail.push(run)
  runs.push(run)
  return run
}

test('any sequence in memory is found in its run, and no other', () => {
  const random = new Random()
  const tail = new ShardTail()
  const runs: TailRun[] = []
  let dropped = 0
  for (let i = 0; i < 2_000; i++) {
    if (random.below(100) < 55 || dropped === runs.length) push(tail, runs, random.between(1, 50))
    else {
      tail.drop()
      dropped++
    }
    const kept = runs.slice(dropped)
    assert.is(tail.first, kept[0]?.base)
    const end = runs.at(-1)?.next ?? 0
    for (const sequence of [0, end, end - 1, kept[0]?.base ?? 0, (kept[0]?.base ?? 1) - 1, random.below(end + 5)]) {
      assert.is(
        tail.find(sequence),
        kept.find(({ base, next }) => base <= sequence && sequence < next),
        `sequence ${sequence}`,
      )
    }
  }
})

test('an empty tail finds nothing, also after it was emptied', () => {
  const tail = new ShardTail()
  assert.is(tail.find(0), undefined)
  assert.is(tail.first, undefined)
  push(tail, [], 3)
  tail.drop()
  tail.drop()
  for (const sequence of [0, 1, 2, 3]) assert.is(tail.find(sequence), undefined)
  assert.is(tail.first, undefined)
})

test('the oldest commits go first, with all their runs, when there are too many bytes', () => {
  const bytesMax = 100_000
  const tail = new Tail(bytesMax)
  const shards = [0, 1, 2].map(() => ({ tail: new ShardTail(), runs: [] as TailRun[] }))
  const random = new Random()
  for (let commit = 0; commit < 300; commit++) {
    const written = shards.filter(() => random.oneIn(2))
    const sizes = written.map(({ tail, runs }) => push(tail, runs, 2, random.between(100, 5_000)).frame.length)
    tail.add(
      sizes.reduce((sum, size) => sum + size, 0),
      written.map((each) => each.tail),
    )
    const kept = shards.flatMap(({ tail, runs }) => runs.filter(({ base }) => tail.find(base) !== undefined))
    const bytes = kept.reduce((sum, { frame }) => sum + frame.length, 0)
    assert.ok(bytes <= bytesMax, `${bytes} bytes are kept`)
    if (commit > 100) assert.ok(bytes > bytesMax / 2, `only ${bytes} bytes are kept`)
    for (const { tail, runs } of written) assert.ok(tail.find((runs.at(-1) as TailRun).next - 1), 'the newest is kept')
  }
})

test('small commits count with what is kept beside them, so that memory stays near the bound', () => {
  const tail = new Tail(1_000_000)
  const shard = new ShardTail()
  const runs: TailRun[] = []
  for (let i = 0; i < 20_000; i++) tail.add(push(shard, runs, 1, 60).frame.length, [shard])
  const kept = runs.length - runs.findIndex(({ base }) => base === shard.first)
  assert.ok(kept > 500 && kept < 2_000, `${kept} commits of 60 bytes are kept in a megabyte`)
})

test('a commit larger than the bound is kept, alone: live readers are handed it', () => {
  const tail = new Tail(1_000)
  const shard = new ShardTail()
  const runs: TailRun[] = []
  for (let i = 0; i < 3; i++) {
    const run = push(shard, runs, 1, 50_000)
    tail.add(50_000, [shard])
    assert.is(shard.first, run.base)
  }
})

test.run()
