import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import { evenRanges, type HashRange, HashRouter, hashKeyMax, hashOfInteger } from '../../broker/wire/hash-range.ts'
import { anyText, holds } from '../property.ts'
import { suite } from '../suite.ts'

const test = suite('hash range')

const anyHash = fc.bigInt({ min: 0n, max: hashKeyMax })
const routerOf = (ranges: readonly HashRange[]) => new HashRouter(ranges.map((range) => ({ range, owner: range })))

test('widths are those of AWS: floor(2^128 / n), and the last shard takes the rest', () => {
  assert.equal(evenRanges(1), [{ start: 0n, end: 340282366920938463463374607431768211455n }])
  assert.equal(evenRanges(2), [
    { start: 0n, end: 170141183460469231731687303715884105727n },
    { start: 170141183460469231731687303715884105728n, end: 340282366920938463463374607431768211455n },
  ])
  assert.equal(evenRanges(3), [
    { start: 0n, end: 113427455640312821154458202477256070484n },
    { start: 113427455640312821154458202477256070485n, end: 226854911280625642308916404954512140969n },
    { start: 226854911280625642308916404954512140970n, end: 340282366920938463463374607431768211455n },
  ])
})

test('any number of ranges covers the hash space without hole or overlap', () => {
  holds([fc.integer({ min: 1, max: 10_000 })], (count) => checkCover(evenRanges(count)), 30)
})

function checkCover(ranges: readonly HashRange[]): void {
  const width = 2n ** 128n / BigInt(ranges.length)
  for (const [i, { start, end }] of ranges.entries()) {
    assert.is(start, i === 0 ? 0n : (ranges[i - 1] as HashRange).end + 1n)
    if (i < ranges.length - 1) assert.is(end - start + 1n, width)
  }
  assert.is(ranges.at(-1)?.end, hashKeyMax)
}

test('an integer hash goes to the one range that holds it, even and uneven ranges alike', () => {
  holds([fc.uniqueArray(anyHash, { maxLength: 30 }), fc.array(anyHash, { maxLength: 20 })], (cuts, hashes) => {
    const ranges = rangesAt(cuts)
    const router = routerOf([...ranges].reverse())
    const borders = ranges.flatMap(({ start, end }) => [start, end])
    for (const hash of [...hashes, ...borders]) {
      const { start, end } = router.ofHash(hashOfInteger(hash))
      assert.ok(start <= hash && hash <= end, `${hash} was sent to ${start} … ${end}`)
    }
  })
})

/** The hash space, cut at `cuts`. */
function rangesAt(cuts: readonly bigint[]): HashRange[] {
  const starts = [...new Set([0n, ...cuts])].sort((a, b) => (a < b ? -1 : 1))
  return starts.map((start, i) => ({ start, end: (starts[i + 1] ?? hashKeyMax + 1n) - 1n }))
}

test('a partition key goes where the MD5 of its UTF-8, as a big-endian integer, falls', () => {
  const streams = [1, 2, 3, 97].map(evenRanges)
  const routers = streams.map(routerOf)
  holds([anyText({ maxLength: 60 }), fc.nat({ max: 3 })], (key, which) => {
    const ranges = streams[which] as HashRange[]
    const hash = BigInt(`0x${createHash('md5').update(key).digest('hex')}`)
    const expected = ranges.find(({ start, end }) => start <= hash && hash <= end)
    // The second time the key is known.
    for (let i = 0; i < 2; i++) assert.is(routers[which]?.ofKey(key), expected)
  })
})

test('keys are found where they belong, however many others came before', () => {
  const ranges = evenRanges(7)
  const router = routerOf(ranges)
  const plain = (key: string) =>
    ranges.find(({ end }) => BigInt(`0x${createHash('md5').update(key).digest('hex')}`) <= end)
  for (let i = 0; i < 100_000; i++) router.ofKey(`key ${i}`)
  for (const i of [0, 1, 34_000, 50_000, 99_999]) assert.is(router.ofKey(`key ${i}`), plain(`key ${i}`))
})

test('words of an integer are its 32-bit digits, most significant first', () => {
  assert.equal(hashOfInteger(0n), [0, 0, 0, 0])
  assert.equal(hashOfInteger(hashKeyMax), [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff])
  assert.equal(hashOfInteger(0x00000001_00000002_00000003_fffffffen), [1, 2, 3, 0xfffffffe])
})

test.run()
