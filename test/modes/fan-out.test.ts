import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ManualClock } from '../../broker/clock.ts'
import { FanOut, RunCache } from '../../broker/modes/fan-out.ts'

const test = suite('fan-out')

test('one reader at a time: too soon is refused, later takes over, whether or not the first is still there', async () => {
  const clock = new ManualClock()
  const fanOut = new FanOut(clock, 5_000)
  const ended: string[] = []
  const first = fanOut.admit('c/0', () => ended.push('first'))
  assert.ok(first)
  assert.is(
    fanOut.admit('c/0', () => undefined),
    undefined,
  )
  assert.ok(
    fanOut.admit('c/1', () => undefined),
    'another shard is another matter',
  )
  await clock.advance(4_999)
  first?.()
  assert.is(
    fanOut.admit('c/0', () => undefined),
    undefined,
    'the interval counts from the admission',
  )
  await clock.advance(1)
  assert.ok(fanOut.admit('c/0', () => ended.push('second')))
  assert.equal(ended, [], 'who has gone is not ended again')
  await clock.advance(5_000)
  assert.ok(fanOut.admit('c/0', () => undefined))
  assert.equal(ended, ['second'])
})

test('what was made of a run is made once, and the oldest is let go first', () => {
  const cache = new RunCache<string>(100)
  let made = 0
  const get = (frame: Uint8Array) => cache.get(frame, () => ({ made: `made ${++made}`, bytes: 40 }))
  const frames = Array.from({ length: 3 }, () => new Uint8Array(1))
  const [one, two, three] = frames as [Uint8Array, Uint8Array, Uint8Array]
  assert.equal([get(one), get(one), get(two)], ['made 1', 'made 1', 'made 2'])
  assert.is(get(three), 'made 3')
  assert.is(get(two), 'made 2')
  assert.is(get(one), 'made 4')
})

test.run()
