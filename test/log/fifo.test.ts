import * as assert from 'uvu/assert'
import { Fifo } from '../../broker/log/fifo.ts'
import { Random } from '../random.ts'
import { suite } from '../suite.ts'

const test = suite('fifo')

test('it does what an array does, through any pushing and shifting', () => {
  const random = new Random()
  for (let round = 0; round < 30; round++) {
    const fifo = new Fifo<number>()
    const model: number[] = []
    for (let i = 0; i < 500; i++) {
      // Phases of growing and shrinking, so that holes pile up and go.
      if (random.below(4) < (Math.floor(i / 100) % 2 === 0 ? 3 : 1)) {
        fifo.push(i)
        model.push(i)
      } else assert.is(fifo.shift(), model.shift())
      assert.is(fifo.length, model.length)
      assert.is(fifo.at(0), model[0])
      assert.is(fifo.at(model.length - 1), model.at(-1))
      const place = random.below(model.length + 2)
      assert.is(fifo.at(place), model[place])
    }
  }
})

test('what was taken is not kept', () => {
  const fifo = new Fifo<{ name: string }>()
  const taken: WeakRef<object>[] = []
  for (let i = 0; i < 10; i++) fifo.push({ name: `item ${i}` })
  for (let i = 0; i < 5; i++) taken.push(new WeakRef(fifo.shift() as object))
  const { gc } = globalThis as { gc?: () => void }
  // Without --expose-gc the most that can be checked is that nothing is found at the front any more.
  gc?.()
  if (gc !== undefined) assert.ok(taken.every((ref) => ref.deref() === undefined))
  assert.is(fifo.at(0)?.name, 'item 5')
  assert.is(fifo.at(-1), undefined)
})

test.run()
