import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import { readU64, viewOf, writeU64 } from '../../broker/wire/u64.ts'
import { holds } from '../property.ts'
import { suite } from '../suite.ts'

const test = suite('u64')

test('every integer below 2^53 is written as 8 big-endian bytes and read back', () => {
  const bytes = new Uint8Array(20)
  const view = viewOf(bytes)
  holds([fc.maxSafeNat(), fc.nat(12)], (value, at) => {
    writeU64(view, at, value)
    assert.is(view.getBigUint64(at), BigInt(value))
    assert.is(readU64(view, at), value)
  })
})

test('the borders of the two words', () => {
  const view = viewOf(new Uint8Array(8))
  for (const value of [0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 52, Number.MAX_SAFE_INTEGER]) {
    writeU64(view, 0, value)
    assert.is(readU64(view, 0), value)
  }
})

test('a view is over exactly the bytes it is of', () => {
  const bytes = new Uint8Array(100).subarray(10, 30)
  const view = viewOf(bytes)
  assert.is(view.byteLength, 20)
  view.setUint8(0, 7)
  assert.is(bytes[0], 7)
})

test.run()
