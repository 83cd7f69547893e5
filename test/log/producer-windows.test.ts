import * as assert from 'uvu/assert'
import { ProducerWindows, packWindows, unpackWindows } from '../../broker/log/producer-windows.ts'
import { Random } from '../random.ts'
import { suite } from '../suite.ts'

const test = suite('producer windows')
const limits = { producersPerShardMax: 3, producerWindowBlocks: 4 }

/** Takes block `sequence` of `producer` and makes it durable at `base`. */
function take(windows: ProducerWindows, producer: number, sequence: number, base = sequence * 10): void {
  assert.is(windows.admit(producer, sequence).kind, 'new')
  windows.committed(producer, sequence, base, base + 1)
}

test('each block is new once, pending while it is written, and then a duplicate with its place', () => {
  const windows = new ProducerWindows(limits)
  assert.equal(windows.admit(7, 0), { kind: 'new' })
  assert.equal(windows.admit(7, 0), { kind: 'pending' })
  assert.equal(windows.admit(7, 1), { kind: 'new' })
  windows.committed(7, 0, 100, 5)
  assert.equal(windows.admit(7, 0), { kind: 'duplicate', of: { sequence: 0, base: 100, time: 5 } })
  assert.equal(windows.admit(7, 1), { kind: 'pending' })
  assert.equal(windows.admit(7, 3), { kind: 'gap', expected: 2 })
})

test('producer 0 is not idempotent: every block of it is new, and none is remembered', () => {
  const windows = new ProducerWindows(limits)
  for (let i = 0; i < 3; i++) take(windows, 0, 0)
  assert.is(windows.find(0, 0), undefined)
  assert.is(windows.pack().length, 0)
})

test('a producer that is new to the shard begins at 0, whichever of its blocks comes first', () => {
  const windows = new ProducerWindows(limits)
  assert.equal(windows.admit(7, 1), { kind: 'gap', expected: 0 })
  assert.equal(windows.admit(7, 2 ** 50), { kind: 'gap', expected: 0 })
  take(windows, 7, 0)
  take(windows, 7, 1)
})

test('where producers may have been forgotten, one that is not known may go on where it was', () => {
  const windows = new ProducerWindows(limits)
  for (const producer of [1, 2, 3, 4]) take(windows, producer, 0)
  assert.is(windows.find(1, 0), undefined, 'it was forgotten')
  take(windows, 1, 1)
  assert.is(windows.admit(1, 2).kind, 'new')
})

test('as many blocks are remembered as the window is long; older ones are refused, not taken again', () => {
  const windows = new ProducerWindows(limits)
  for (let i = 0; i < 10; i++) take(windows, 7, i)
  for (let i = 0; i < 6; i++) assert.equal(windows.admit(7, i), { kind: 'gap', expected: 10 })
  for (let i = 6; i < 10; i++) assert.is(windows.admit(7, i).kind, 'duplicate')
})

test('a commit that failed is taken back: its blocks are new again, and those behind it wait for it', () => {
  const windows = new ProducerWindows(limits)
  take(windows, 7, 0)
  for (const sequence of [1, 2, 3]) windows.admit(7, sequence)
  windows.admit(8, 0)
  windows.rollBack()
  assert.equal(windows.admit(7, 2), { kind: 'gap', expected: 1 })
  take(windows, 7, 1)
  assert.is(windows.admit(7, 0).kind, 'duplicate')
  assert.equal(windows.admit(8, 1), { kind: 'gap', expected: 0 }, 'its first block is still to come')
  assert.is(windows.admit(8, 0).kind, 'new')
})

test('the producer idle longest is forgotten first, but never one with a block under way', () => {
  const windows = new ProducerWindows(limits)
  for (const producer of [1, 2, 3]) take(windows, producer, 0)
  take(windows, 1, 1)
  windows.admit(2, 1)
  take(windows, 4, 0)
  assert.is(windows.find(3, 0), undefined, 'it was idle longest of those that could go')
  for (const [producer, sequence] of [
    [1, 1],
    [2, 0],
    [4, 0],
  ] as const) {
    assert.ok(windows.find(producer, sequence), `producer ${producer} is remembered`)
  }
  windows.committed(2, 1, 50, 51)
  assert.is(windows.find(2, 1)?.base, 50)
})

test('packed windows are taken up as they were, for each shard its own', () => {
  const shards = [0, 1, 2].map((number) => ({ stream: 9, number, producers: new ProducerWindows(limits) }))
  for (let i = 0; i < 6; i++) take(shards[0]?.producers as ProducerWindows, 2 ** 50, i)
  take(shards[2]?.producers as ProducerWindows, 5, 0)
  const packed = packWindows(shards)
  const again = [0, 1, 2].map((number) => ({ stream: 9, number, producers: new ProducerWindows(limits) }))
  unpackWindows(packed, (stream, shard) => again.find((each) => each.stream === stream && each.number === shard))
  assert.equal(packWindows(again), packed)
  assert.equal(again[0]?.producers.admit(2 ** 50, 7), { kind: 'gap', expected: 6 })
  assert.equal(again[0]?.producers.find(2 ** 50, 5), { sequence: 5, base: 50, time: 51 })
  assert.is(again[1]?.producers.admit(5, 0).kind, 'new')
  assert.equal(again[2]?.producers.admit(5, 1), { kind: 'new' })
})

test('windows of shards that are gone are passed over', () => {
  const shards = [0, 1].map((number) => ({ stream: 9, number, producers: new ProducerWindows(limits) }))
  for (const { producers } of shards) take(producers, 5, 0)
  const kept = new ProducerWindows(limits)
  unpackWindows(packWindows(shards), (_, shard) => (shard === 1 ? { producers: kept } : undefined))
  assert.ok(kept.find(5, 0))
})

test('whatever is sent, resent and lost, each block is stored once and in order', () => {
  const random = new Random()
  for (let round = 0; round < 50; round++) {
    const windows = new ProducerWindows(limits)
    const stored: number[] = []
    let underWay: number[] = []
    for (let i = 0; i < 200; i++) {
      const next = stored.length + underWay.length
      const sequence = Math.max(0, next + random.between(-4, 1))
      const verdict = windows.admit(1, sequence)
      if (sequence === next) assert.is(verdict.kind, 'new')
      else assert.is.not(verdict.kind, 'new', `${sequence} where ${next} is next`)
      if (verdict.kind === 'new') underWay.push(sequence)
      if (verdict.kind === 'duplicate') assert.is(stored[verdict.of.sequence], verdict.of.base)
      if (random.oneIn(5)) underWay = settle(windows, underWay, stored, random)
    }
  }
})

/** The commit of what is under way ends, well or not. */
function settle(windows: ProducerWindows, underWay: readonly number[], stored: number[], random: Random): number[] {
  if (random.oneIn(4)) windows.rollBack()
  else {
    for (const sequence of underWay) {
      windows.committed(1, sequence, sequence * 3, 0)
      stored.push(sequence * 3)
    }
  }
  return []
}

test.run()
