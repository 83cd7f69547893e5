import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { judge, median } from '../../bench/result.ts'
import { sampleResult } from './harness.ts'

const test = suite('results')
const { rows } = sampleResult('append')
const target = { what: 'append', case: '128 B', metric: 'acknowledged' }

test('the median is the middle value, or the mean of the two in the middle, whatever their order', () => {
  assert.is(median([3, 1, 2]), 2)
  assert.is(median([4, 1, 2, 10]), 3)
  assert.is(median([7]), 7)
  assert.ok(Number.isNaN(median([])))
})

test('a target against a rival is a ratio of medians', () => {
  const reached = judge({ ...target, against: 'nats', atLeast: 25 }, rows)
  assert.is(reached.reached, 25)
  assert.is(reached.met, true)
  assert.is(judge({ ...target, against: 'nats', atLeast: 26 }, rows).met, false)
})

test('a target without a rival is held against the figure itself', () => {
  assert.is(judge({ ...target, atLeast: 1e6 }, rows).met, true)
  assert.is(judge({ ...target, atMost: 999_999 }, rows).met, false)
})

test('a target against another case compares the same contestant', () => {
  const slower = { ...rows[0], case: 'slower', figures: [{ contestant: 'millrace', values: [500_000] }] }
  const all = [...rows, slower] as typeof rows
  const reached = judge({ ...target, case: 'slower', againstCase: '128 B', atLeast: 0.8 }, all)
  assert.is(reached.reached, 0.5)
  assert.is(reached.met, false)
})

test('a target one side of which was not measured is neither met nor missed', () => {
  const unknown = judge({ ...target, against: 'redis-always', atLeast: 1 }, rows)
  assert.is(unknown.reached, undefined)
  assert.is(unknown.met, undefined)
})

test.run()
