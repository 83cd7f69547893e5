import fc from 'fast-check'
import * as assert from 'uvu/assert'
import { type Line, LineSplitter } from '../../broker/cli/lines.ts'
import { suite } from '../suite.ts'

const test = suite('lines')

function linesOf(chunks: readonly Uint8Array[], lineBytesMax = 1_000): Line[] {
  const splitter = new LineSplitter(lineBytesMax)
  return [...chunks.flatMap((chunk) => [...splitter.push(chunk)]), ...splitter.end()]
}

test('however input is cut into chunks, its lines are the same, numbered from 1', () => {
  const byte = fc.oneof(fc.constantFrom(10, 13, 65), fc.integer({ min: 0, max: 255 }))
  const input = fc.array(byte, { maxLength: 200 })
  fc.assert(
    fc.property(input, fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), (bytes, sizes) => {
      const whole = Buffer.from(bytes)
      const chunks: Uint8Array[] = []
      for (let at = 0, i = 0; at < whole.length; i++) {
        const size = sizes[i % sizes.length] as number
        chunks.push(whole.subarray(at, at + size))
        at += size
      }
      const expected = whole.toString('latin1').split('\n')
      if (expected.at(-1) === '') expected.pop()
      const lines = linesOf(chunks)
      assert.equal(
        lines.map(({ bytes: line }) => Buffer.from(line).toString('latin1')),
        expected.map((line) => line.replace(/\r$/, '')),
      )
      assert.equal(
        lines.map(({ number }) => number),
        expected.map((_, i) => i + 1),
      )
      assert.not(lines.some(({ cut }) => cut))
    }),
  )
})

test('a line at the limit is whole, one above it is cut, and the next one is whole again', () => {
  const text = ['x'.repeat(10), `${'x'.repeat(10)}\r`, 'x'.repeat(11), 'next'].join('\n')
  for (const size of [1, 3, 7, 100]) {
    const bytes = Buffer.from(text)
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    )
    assert.equal(
      linesOf(chunks, 10).map(({ cut }) => cut),
      [false, false, true, false],
    )
  }
})

test('of a line without an end no more is kept than the limit', () => {
  const splitter = new LineSplitter(100)
  for (let i = 0; i < 1_000; i++) assert.equal([...splitter.push(Buffer.alloc(100))], [])
  const [line] = splitter.end()
  assert.ok(line?.cut)
  assert.ok((line?.bytes.length ?? 0) <= 101)
})

test.run()
