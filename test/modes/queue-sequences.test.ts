import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { SequenceSet } from '../../broker/modes/queue-sequences.ts'
import { Random } from './random.ts'

const test = suite('sequence set')

/** Says the same things about a plain set. */
function check(set: SequenceSet, plain: ReadonlySet<number>, end: number): void {
  let floor = 0
  while (plain.has(floor)) floor++
  assert.is(set.floor, floor)
  assert.is(set.size, plain.size)
  for (let each = 0; each < end; each += 97) {
    assert.is(set.has(each), plain.has(each))
    let next = each
    while (plain.has(next)) next++
    assert.is(set.nextMissing(each), next)
  }
  let missing = 0
  for (let each = 100; each < end; each++) if (!plain.has(each)) missing++
  assert.is(set.missing(100, end, Number.POSITIVE_INFINITY), missing)
}

test('it agrees with a plain set, through packing too (seed 7)', () => {
  const random = new Random(7)
  for (let round = 0; round < 20; round++) {
    const end = random.of([50, 5_000, 13_000])
    let set = new SequenceSet()
    const plain = new Set<number>()
    for (let step = 0; step < 40; step++) {
      if (random.chance(0.1)) {
        const floor = random.integer(0, end)
        set.raise(floor)
        for (let each = 0; each < floor; each++) plain.add(each)
      }
      const start = random.integer(0, end)
      for (let i = random.integer(1, 600); i > 0; i--) {
        const each = random.chance(0.7) ? Math.min(end, start + i) : random.integer(0, end)
        assert.is(set.add(each), !plain.has(each))
        plain.add(each)
      }
      if (random.chance(0.2)) set = SequenceSet.unpack(set.pack())
    }
    check(set, plain, end)
  }
})

test('what is full takes no room, however far the floor is behind', () => {
  const set = new SequenceSet()
  for (let each = 1; each < 2_000_000; each++) set.add(each)
  assert.is(set.floor, 0)
  assert.ok(set.pack().length < 10_000, `${set.pack().length} bytes`)
  set.add(0)
  assert.is(set.floor, 2_000_000)
  assert.ok(set.pack().length < 1_000, `${set.pack().length} bytes`)
})

test.run()
