import { crc32 as zlib } from 'node:zlib'
import * as assert from 'uvu/assert'
import { crc32 as node } from '../../broker/wire/crc32.node.ts'
import { crc32 as plain } from '../../broker/wire/crc32.ts'
import { anyBytes, holds } from '../property.ts'
import { Random } from '../random.ts'
import { suite } from '../suite.ts'

const test = suite('crc32')

test("the standard's check value, and nothing at all", () => {
  assert.is(plain(Buffer.from('123456789')), 0xcbf43926)
  assert.is(plain(new Uint8Array(0)), 0)
})

test('plain JavaScript, the mix of both, and zlib say the same of any bytes', () => {
  holds([anyBytes(2_000)], (bytes) => {
    assert.is(plain(bytes), zlib(bytes))
    assert.is(node(bytes), zlib(bytes))
  })
})

test('every length around the steps of eight and the change to zlib, at every alignment', () => {
  const bytes = new Random().bytes(400)
  for (let from = 0; from < 8; from++) {
    for (let length = 0; length <= 300; length++) {
      const part = bytes.subarray(from, from + length)
      assert.is(plain(part), zlib(part), `${length} bytes from ${from}`)
      assert.is(node(part), zlib(part), `${length} bytes from ${from}`)
    }
  }
})

test('the result is an unsigned integer', () => {
  const random = new Random()
  for (let i = 0; i < 200; i++) {
    const sum = plain(random.bytes(20))
    assert.ok(Number.isInteger(sum) && sum >= 0 && sum < 2 ** 32)
  }
})

test.run()
