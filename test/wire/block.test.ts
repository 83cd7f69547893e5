import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import {
  blockHeaderBytes,
  blocksOf,
  checkBlockCrc,
  readBlockHeader,
  sealBlock,
  stampBlock,
} from '../../broker/wire/block.ts'
import { MillraceError } from '../../broker/wire/errors.ts'
import { viewOf } from '../../broker/wire/u64.ts'
import { holds } from '../property.ts'
import { suite } from '../suite.ts'
import { fuzz } from './mutation.ts'

const test = suite('block')

/** A sealed block whose body is these bytes. */
function blockOf(body: Uint8Array, count = 1, producerId = 0, producerSequence = 0): Uint8Array {
  // A header must be written whole, whatever was there before.
  const block = new Uint8Array(blockHeaderBytes + body.length).fill(0xff)
  block.set(body, blockHeaderBytes)
  sealBlock(block, count, producerId, producerSequence)
  return block
}

/** The code of the error that reading `block`'s header ends in, its CRC included; undefined when there is none. */
function refusal(block: Uint8Array): string | undefined {
  try {
    checkBlockCrc(block, readBlockHeader(viewOf(block)))
    return undefined
  } catch (error) {
    return (error as MillraceError).code
  }
}

const anyCount = fc.integer({ min: 1, max: 65_535 })
const anyBody = fc.uint8Array({ maxLength: 600 })

test('what is sealed and stamped is read back', () => {
  const numbers = fc.maxSafeNat()
  holds(
    [anyBody, anyCount, numbers, numbers, numbers, numbers],
    (body, count, producerId, producerSequence, base, time) => {
      const block = blockOf(body, count, producerId, producerSequence)
      stampBlock(viewOf(block), 0, base, time)
      const { crc, ...header } = readBlockHeader(viewOf(block))
      assert.equal(header, {
        length: block.length,
        baseSequence: base,
        appendTime: time,
        count,
        producerId,
        producerSequence,
      })
      assert.is(refusal(block), undefined)
      assert.is(viewOf(block).getUint32(24), crc)
    },
  )
})

test('the layout is the one of docs/wire.md', () => {
  const block = blockOf(Uint8Array.of(1, 2, 3), 7, 2 ** 40 + 1, 9)
  const hex = Buffer.from(block).toString('hex')
  assert.is(hex.slice(0, 48), '4d520100000000330000000000000000' + '0000000000000000')
  assert.is(hex.slice(56), '00000007' + '0000010000000001' + '0000000000000009' + '010203')
})

test('stamping leaves the CRC right, and any other change makes it wrong or is refused', () => {
  holds([anyBody, fc.nat(), fc.integer({ min: 0, max: 7 })], (body, place, bit) => {
    const block = blockOf(body, 3, 5, 6)
    stampBlock(viewOf(block), 0, 123, 456)
    assert.is(refusal(block), undefined)
    const at = place % block.length
    block[at] = (block[at] as number) ^ (1 << bit)
    const reserved = at === 3
    const brokers = at >= 8 && at < 24
    if (!reserved && !brokers) assert.ok(refusal(block), `a changed bit ${bit} of byte ${at} passed`)
  })
})

test('each part of a header that cannot be right is refused by its own reason', () => {
  const cases: [string, (view: DataView) => void, string][] = [
    ['magic', (view) => view.setUint16(0, 0x4d53), 'magic'],
    ['version', (view) => view.setUint8(2, 2), 'version 2'],
    ['length below the header', (view) => view.setUint32(4, blockHeaderBytes - 1), 'length'],
    ['length beyond the bytes', (view) => view.setUint32(4, 1_000), 'length'],
    ['flags', (view) => view.setUint8(28, 1), 'flags'],
    ['count', (view) => view.setUint16(30, 0), 'no record'],
    ['base sequence', (view) => view.setUint32(8, 2 ** 21), 'base sequence'],
    ['append time', (view) => view.setUint32(16, 2 ** 21), 'append time'],
    ['producer id', (view) => view.setUint32(32, 2 ** 21), 'producer id'],
    ['producer sequence', (view) => view.setUint32(40, 2 ** 21), 'producer sequence'],
  ]
  for (const [name, damage, said] of cases) {
    const view = viewOf(blockOf(new Uint8Array(20)))
    damage(view)
    assert.throws(
      () => readBlockHeader(view),
      (error: Error) => error instanceof MillraceError && error.message.includes(said),
      `${name} must be refused and named`,
    )
  }
})

test('a run is cut into its blocks, and what follows the last one is an error', () => {
  holds([fc.array(anyBody, { minLength: 1, maxLength: 5 }), fc.uint8Array({ maxLength: 47 })], (bodies, rest) => {
    const blocks = bodies.map((body, i) => blockOf(body, 1, 1, i))
    const run = Buffer.concat(blocks)
    assert.equal(
      [...blocksOf(run)].map(({ block }) => Buffer.from(block)),
      blocks.map((block) => Buffer.from(block)),
    )
    if (rest.length > 0) assert.throws(() => [...blocksOf(Buffer.concat([run, rest]))])
    const last = run.length - (blocks.at(-1)?.length ?? 0)
    viewOf(run).setUint32(last + 4, run.length - last + 1)
    assert.throws(() => [...blocksOf(run)], /length/)
  })
})

test('damaged blocks are refused with an error of the table, whatever was done to them', () => {
  const samples = [0, 1, 200].map((size) => blockOf(new Uint8Array(size).fill(7), 1, 9, 9))
  fuzz([...samples, Buffer.concat(samples)], (bytes) => {
    for (const { header, block } of blocksOf(bytes)) checkBlockCrc(block, header)
  })
})

test.run()
