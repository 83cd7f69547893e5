import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import { type Ack, ackBytes, ackFrame, acksOf } from '../../broker/wire/ack.ts'
import { frameHeaderBytes, framesOf, frameTypes } from '../../broker/wire/frame.ts'
import { viewOf } from '../../broker/wire/u64.ts'
import { holds } from '../property.ts'
import { suite } from '../suite.ts'
import { fuzz } from './mutation.ts'

const test = suite('ack')

const anyAck: fc.Arbitrary<Ack> = fc.record(
  { block: fc.nat({ max: 2 ** 32 - 1 }), baseSequence: fc.maxSafeNat(), appendTime: fc.maxSafeNat() },
  { noNullPrototype: true },
)

test('a frame of acks is read back as it was', () => {
  holds([fc.array(anyAck)], (acks) => {
    const frames = [...framesOf(ackFrame(acks))]
    assert.is(frames.length, 1)
    assert.is(frames[0]?.type, frameTypes.ack)
    assert.equal([...acksOf(frames[0]?.payload ?? new Uint8Array(0))], acks)
  })
})

test('the layout is the one of docs/wire.md', () => {
  const view = viewOf(ackFrame([{ block: 7, baseSequence: 2 ** 40, appendTime: 3 }]))
  assert.is(view.byteLength, frameHeaderBytes + ackBytes)
  assert.is(view.getUint32(4), 20)
  assert.is(view.getUint8(8), 2)
  assert.is(view.getBigUint64(12), 0n, 'the session names the stream, and each ack its block')
  assert.is(view.getUint32(20), 7)
  assert.is(view.getBigUint64(24), 2n ** 40n)
  assert.is(view.getBigUint64(32), 3n)
})

test('blocks are counted modulo 2^32', () => {
  const [frame] = framesOf(ackFrame([{ block: 2 ** 32 + 5, baseSequence: 1, appendTime: 1 }]))
  assert.is([...acksOf(frame?.payload ?? new Uint8Array(0))][0]?.block, 5)
})

test('a payload that ends inside an ack is refused, whatever else it says is read', () => {
  const samples = [1, 2, 30].map((count) =>
    ackFrame(
      Array.from({ length: count }, (_, i) => ({ block: i, baseSequence: i * 10, appendTime: 1_767_225_600_000 })),
    ).subarray(frameHeaderBytes),
  )
  fuzz(samples, (bytes) => [...acksOf(bytes)])
})

test.run()
