import * as assert from 'uvu/assert'
import { ManualClock, RealClock } from '../broker/clock.ts'
import { Random } from './random.ts'
import { suite } from './suite.ts'

const test = suite('clock')

test('a manual clock stands still until it is told to move', async () => {
  const clock = new ManualClock()
  assert.is(new Date(clock.now()).toISOString(), '2026-01-01T00:00:00.000Z')
  await new Promise((resolve) => setImmediate(resolve))
  assert.is(clock.now(), Date.UTC(2026, 0, 1))
  await clock.advance(1_500)
  assert.is(clock.now(), Date.UTC(2026, 0, 1) + 1_500)
  assert.is(new ManualClock(7).now(), 7)
})

test('timers fire in the order they fall due, each at its own instant, and no later ones', async () => {
  const clock = new ManualClock(0)
  const fired: [string, number][] = []
  for (const [name, delay] of [
    ['c', 30],
    ['a', 10],
    ['b', 20],
    ['d', 31],
  ] as const) {
    clock.after(delay, () => fired.push([name, clock.now()]))
  }
  await clock.advance(30)
  assert.equal(fired, [
    ['a', 10],
    ['b', 20],
    ['c', 30],
  ])
  assert.is(clock.now(), 30)
  await clock.advance(1)
  assert.equal(fired.at(-1), ['d', 31])
})

test('timers due at the same instant fire in the order they were set', async () => {
  const clock = new ManualClock(0)
  const fired: number[] = []
  for (let i = 0; i < 100; i++) clock.after(i % 2 === 0 ? 50 : 49, () => fired.push(i))
  await clock.advance(50)
  const [odd, even] = [1, 0].map((first) => Array.from({ length: 50 }, (_, i) => first + 2 * i))
  assert.equal(fired, [...(odd ?? []), ...(even ?? [])])
})

test('a timer that another sets fires in the same advance, if it falls due in it', async () => {
  const clock = new ManualClock(0)
  const fired: number[] = []
  const every10 = () => {
    fired.push(clock.now())
    clock.after(10, every10)
  }
  clock.after(10, every10)
  await clock.advance(45)
  assert.equal(fired, [10, 20, 30, 40])
})

test('what a timer sets in motion is seen before the next one fires', async () => {
  const clock = new ManualClock(0)
  const seen: string[] = []
  clock.after(1, () => Promise.resolve().then(() => seen.push('the first one’s promise')))
  clock.after(1, () => seen.push('the second'))
  await clock.advance(1)
  assert.equal(seen, ['the first one’s promise', 'the second'])
})

test('a cancelled timer does not fire; cancelling twice, or after it fired, does nothing', async () => {
  const clock = new ManualClock(0)
  const fired: string[] = []
  const timers = ['a', 'b', 'c'].map((name, i) => clock.after(i, () => fired.push(name)))
  timers[1]?.cancel()
  timers[1]?.cancel()
  await clock.advance(10)
  for (const timer of timers) timer.cancel()
  assert.equal(fired, ['a', 'c'])
})

test('a timer may cancel one that is due at the same instant', async () => {
  const clock = new ManualClock(0)
  const fired: string[] = []
  clock.after(1, () => second.cancel())
  const second = clock.after(1, () => fired.push('second'))
  await clock.advance(5)
  assert.equal(fired, [])
})

test('a delay below zero is none', async () => {
  const clock = new ManualClock(100)
  let at = 0
  clock.after(-50, () => {
    at = clock.now()
  })
  await clock.advance(0)
  assert.is(at, 100)
})

test('advances that overlap add up, and time never goes back', async () => {
  const clock = new ManualClock(0)
  const seen: number[] = []
  for (let i = 0; i < 20; i++) clock.after(i * 10, () => seen.push(clock.now()))
  await Promise.all([clock.advance(100), clock.advance(60), clock.advance(40)])
  assert.is(clock.now(), 200)
  assert.equal(
    seen,
    Array.from({ length: 20 }, (_, i) => i * 10),
  )
})

test('a callback that throws is the matter of who advanced, and the clock goes on', async () => {
  const clock = new ManualClock(0)
  let fired = false
  clock.after(1, () => {
    throw new Error('thrown in a timer')
  })
  clock.after(2, () => {
    fired = true
  })
  await clock.advance(5).then(
    () => assert.unreachable('the error must be heard of'),
    (error: Error) => assert.match(error.message, 'thrown in a timer'),
  )
  await clock.advance(5)
  assert.ok(fired)
})

test('any timers, set and cancelled in any order, fire as a sorted list would', async () => {
  const random = new Random()
  for (let round = 0; round < 20; round++) {
    const clock = new ManualClock(0)
    const fired: number[] = []
    const set = Array.from({ length: 200 }, (_, i) => {
      const due = random.below(40)
      return { i, due, timer: clock.after(due, () => fired.push(i)) }
    })
    const cancelled = new Set(set.filter(() => random.oneIn(3)))
    for (const { timer } of random.shuffled([...cancelled])) timer.cancel()
    await clock.advance(20)
    const expected = set
      .filter((each) => !cancelled.has(each) && each.due <= 20)
      .sort((a, b) => a.due - b.due || a.i - b.i)
    assert.equal(
      fired,
      expected.map(({ i }) => i),
    )
  }
})

test('a hundred thousand timers, half of them cancelled, cost no more each than a few do', async () => {
  const clock = new ManualClock(0)
  let fired = 0
  const timers = Array.from({ length: 100_000 }, (_, i) => clock.after((i * 7_919) % 100_000, () => fired++))
  for (let i = 0; i < timers.length; i += 2) timers[i]?.cancel()
  await clock.advance(100_000)
  assert.is(fired, 50_000)
})

test('the real clock tells the machine’s time, and its timers fire once', async () => {
  const clock = new RealClock()
  const before = Date.now()
  assert.ok(clock.now() >= before && clock.now() <= Date.now())
  let fired = 0
  clock.after(1_000_000_000_000, () => assert.unreachable('not in this life')).cancel()
  clock.after(1, () => assert.unreachable('it was cancelled')).cancel()
  // The timer keeps no process alive, so something else must.
  const alive = setInterval(() => undefined, 1_000)
  await new Promise<void>((resolve) => {
    clock.after(1, () => fired++)
    clock.after(20, resolve)
  })
  clearInterval(alive)
  assert.is(fired, 1)
})

test.run()
