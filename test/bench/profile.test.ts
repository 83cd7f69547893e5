import type { Profiler } from 'node:inspector/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { profiled, summary } from '../../bench/profile.ts'

const test = suite('profile')

/** A profile in which each function was on top of the stack for so many microseconds. */
function profileOf(times: readonly [functionName: string, url: string, micros: number][]): Profiler.Profile {
  return {
    nodes: times.map(([functionName, url], i) => ({
      id: i + 1,
      callFrame: { functionName, url, scriptId: '0', lineNumber: 9, columnNumber: 0 },
    })),
    samples: times.map((_, i) => i + 1),
    timeDeltas: times.map(([, , micros]) => micros),
    startTime: 0,
    endTime: 0,
  }
}

test('time is filed under the part of the house, the package or the part of Node it was spent in', () => {
  const { areas, busySeconds } = summary([
    profileOf([
      ['append', 'file:///x/dist/broker/log/committer.js', 400_000],
      ['put', 'file:///x/dist/client/producer.js', 200_000],
      ['write', 'file:///x/node_modules/lmdb/write.js', 100_000],
      ['take', 'file:///x/node_modules/@httptoolkit/httpolyglot/dist/index.js', 50_000],
      ['onData', 'node:internal/http2/core', 150_000],
      ['writev', '', 75_000],
      ['(garbage collector)', '', 25_000],
      ['(idle)', '', 9_000_000],
    ]),
  ])
  assert.is(busySeconds, 1)
  assert.equal(areas, [
    { name: 'broker/log', share: 0.4 },
    { name: 'client', share: 0.2 },
    { name: 'node http2', share: 0.15 },
    { name: 'lmdb', share: 0.1 },
    { name: 'native code and system calls', share: 0.075 },
    { name: '@httptoolkit/httpolyglot', share: 0.05 },
    { name: 'garbage collector', share: 0.025 },
  ])
})

test('several profiles are summed, and functions are named with where they are', () => {
  const one = profileOf([['append', 'file:///x/dist/broker/log/committer.js', 1_000]])
  const { functions } = summary([one, one])
  assert.equal(functions, [{ name: 'append broker/log/committer.js:10', share: 1 }])
})

test('this process can be profiled while something runs', async () => {
  const { busySeconds, areas } = await profiled(async () => {
    for (const until = performance.now() + 50; performance.now() < until; );
  })
  assert.ok(busySeconds > 0)
  assert.ok(areas.length > 0)
})

test.run()
