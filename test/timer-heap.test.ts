import * as assert from 'uvu/assert'
import { type DueTimer, TimerHeap } from '../broker/timer-heap.ts'
import { Random } from './random.ts'
import { suite } from './suite.ts'

const test = suite('timer heap')

test('the first is always the one that falls due first, of equals the one set first', () => {
  const random = new Random()
  for (let round = 0; round < 50; round++) {
    const heap = new TimerHeap()
    const inside: DueTimer[] = []
    for (let i = 0; i < 300; i++) {
      if (random.oneIn(3) && inside.length > 0) {
        const [gone] = inside.splice(random.below(inside.length), 1)
        heap.remove(gone as DueTimer)
      } else {
        const timer = { due: random.below(20), order: i, callback: () => undefined, place: -1 }
        inside.push(timer)
        heap.add(timer)
      }
      const first = [...inside].sort((a, b) => a.due - b.due || a.order - b.order)[0]
      assert.is(heap.first(), first)
      assert.is(heap.size, inside.length)
    }
  }
})

test('taking out what is not in does nothing', () => {
  const heap = new TimerHeap()
  const timer = { due: 1, order: 0, callback: () => undefined, place: -1 }
  heap.remove(timer)
  heap.add(timer)
  heap.remove(timer)
  heap.remove(timer)
  assert.is(heap.first(), undefined)
  assert.is(heap.size, 0)
})

test.run()
