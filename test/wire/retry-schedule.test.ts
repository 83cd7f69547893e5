import * as assert from 'uvu/assert'
import { type RetryPhase, retriesIn, retryDelayMillis } from '../../broker/wire/retry-schedule.ts'
import { suite } from '../suite.ts'

const test = suite('retry schedules')

const phase = (tries: number, min: number, max: number, curve: RetryPhase['curve'] = 'linear'): RetryPhase => {
  return { tries, delayMillisMin: min, delayMillisMax: max, curve }
}
const waits = (schedule: readonly RetryPhase[]) =>
  Array.from({ length: retriesIn(schedule) + 1 }, (_, i) => retryDelayMillis(schedule, i, 0))

test('phases follow one another, and nothing follows the last', () => {
  assert.equal(waits([phase(2, 0, 0), phase(1, 10, 10), phase(3, 10, 30)]), [0, 0, 10, 10, 20, 30, undefined])
  assert.equal(waits([]), [undefined])
})

test('each curve leads from the shortest wait to the longest, and never back', () => {
  for (const curve of ['linear', 'arithmetic', 'geometric', 'exponential'] as const) {
    const all = waits([phase(10, 1_000, 20_000, curve)]).slice(0, 10) as number[]
    assert.equal([all[0], all[9]], [1_000, 20_000], curve)
    for (let i = 1; i < all.length; i++) assert.ok((all[i] as number) >= (all[i - 1] as number), curve)
  }
  const half = (curve: RetryPhase['curve']) => retryDelayMillis([phase(10, 1_000, 20_000, curve)], 4, 0) as number
  assert.ok(half('geometric') < half('arithmetic') && half('arithmetic') < half('linear'))
})

test('chance shortens a wait by half at most', () => {
  const schedule = [{ ...phase(1, 1_000, 1_000), jitter: true }]
  assert.equal(
    [0, 0.5, 1].map((chance) => retryDelayMillis(schedule, 0, chance)),
    [1_000, 750, 500],
  )
})

test.run()
