import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import { GrowingEntryTable } from '../../broker/log/entry-table.ts'
import {
  indexIntact,
  packHeads,
  packIndex,
  type SegmentHead,
  tableIn,
  unpackHeads,
} from '../../broker/log/segment-index.ts'
import { holds } from '../property.ts'
import { Random } from '../random.ts'
import { suite } from '../suite.ts'

const test = suite('segment index')

const u32 = fc.nat({ max: 2 ** 32 - 1 })
const u64 = fc.maxSafeNat()
const anyHead: fc.Arbitrary<SegmentHead> = fc.record(
  { stream: u32, shard: u32, first: u64, next: u64, firstTime: u64, lastTime: u64, bytes: u64 },
  { noNullPrototype: true },
)

/** Tables of `count` shards, each with entries that are told apart by their base. */
function tables(keys: readonly (readonly [number, number])[]) {
  return keys.map(([stream, shard], i) => {
    const table = new GrowingEntryTable()
    for (let n = 0; n < 1 + (i % 4); n++) {
      table.add({ base: i * 1_000 + n, time: n, commit: n, offset: n, length: n })
    }
    return { stream, shard, entries: table.bytes() }
  })
}

test('heads are read back as they were packed', () => {
  holds([fc.array(anyHead)], (heads) => assert.equal(unpackHeads(packHeads(heads)), heads))
})

test('each shard’s entries are found, in whatever order they were packed, and those of no other', () => {
  const key = fc.tuple(fc.nat({ max: 30 }), fc.nat({ max: 30 }))
  const keys = fc.uniqueArray(key, { selector: ([stream, shard]) => stream * 100 + shard, maxLength: 40 })
  holds(
    [keys],
    (chosen) => {
      const packed = tables(chosen)
      const index = packIndex(new Random().shuffled(packed))
      assert.ok(indexIntact(index))
      for (let stream = 0; stream <= 31; stream++) {
        for (let shard = 0; shard <= 31; shard++) {
          const expected = packed.find((each) => each.stream === stream && each.shard === shard)
          const found = tableIn(index, stream, shard)
          assert.is(found.count, (expected?.entries.length ?? 0) / 32)
          if (expected !== undefined) {
            const i = packed.indexOf(expected)
            assert.equal(
              Array.from({ length: found.count }, (_, place) => found.at(place).base),
              Array.from({ length: found.count }, (_, place) => i * 1_000 + place),
            )
          }
        }
      }
    },
    20,
  )
})

test('numbers of streams and shards up to 2^32 - 1 are told apart', () => {
  const keys = [
    [2 ** 32 - 1, 0],
    [2 ** 31, 2 ** 32 - 1],
    [2 ** 31, 0],
    [0, 2 ** 31],
  ] as const
  const index = packIndex(tables(keys))
  for (const [i, [stream, shard]] of keys.entries()) assert.is(tableIn(index, stream, shard).at(0).base, i * 1_000)
})

test('any changed bit of an index is noticed', () => {
  const index = packIndex(
    tables([
      [1, 0],
      [1, 1],
      [2, 0],
    ]),
  )
  for (let bit = 0; bit < index.length * 8; bit++) {
    const damaged = new Uint8Array(index)
    damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7))
    assert.not(indexIntact(damaged), `bit ${bit}`)
  }
  for (let length = 0; length < index.length; length++) assert.not(indexIntact(index.subarray(0, length)))
})

test.run()
