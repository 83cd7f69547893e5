import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import type { MillraceError } from '../../broker/wire/errors.ts'
import {
  type Frame,
  FrameSplitter,
  type FrameType,
  frame,
  frameHeaderBytes,
  frameIntact,
  framesOf,
  frameTypes,
  jsonFrame,
  jsonPayload,
  sealFrame,
} from '../../broker/wire/frame.ts'
import { holds } from '../property.ts'
import { Random } from '../random.ts'
import { suite } from '../suite.ts'
import { fuzz } from './mutation.ts'

const test = suite('frame')

const payloadBytesMax = 2_000
const anyNumber = fc.nat({ max: 2 ** 32 - 1 })
const anyFrame = fc
  .tuple(
    fc.constantFrom<FrameType[]>(...Object.values(frameTypes)),
    anyNumber,
    anyNumber,
    fc.uint8Array({ maxLength: 200 }),
  )
  .map(([type, stream, shard, payload]) => frame(type, stream, shard, payload))
const anyFrames = fc.array(anyFrame, { maxLength: 6 })

const plain = ({ type, stream, shard, crc, payload, bytes }: Frame) => ({
  type,
  stream,
  shard,
  crc,
  payload: Buffer.from(payload),
  bytes: Buffer.from(bytes),
})

/** What a splitter makes of `chunks`. */
function split(chunks: readonly Uint8Array[], bytesMax = payloadBytesMax): ReturnType<typeof plain>[] {
  const splitter = new FrameSplitter(bytesMax)
  const frames = chunks.flatMap((chunk) => [...splitter.push(chunk)].map(plain))
  assert.is(splitter.pending, 0)
  return frames
}

/** `bytes` in pieces, cut at `cuts`. */
function cutAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].sort((a, b) => a - b)
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end))
}

test('a buffer that was given back takes a later frame, and one that was not is never written again', () => {
  const random = new Random()
  const splitter = new FrameSplitter(200_000)
  const kept: { frame: Frame; copy: Buffer }[] = []
  const buffers = new Set<ArrayBufferLike>()
  for (let i = 0; i < 60; i++) {
    const sent = frame(frameTypes.blocks, 0, i, random.bytes(random.between(20_000, 90_000)))
    const half = random.between(1, sent.length - 1)
    const frames = [...splitter.push(sent.subarray(0, half)), ...splitter.push(sent.subarray(half))]
    assert.is(frames.length, 1)
    for (const each of frames) {
      assert.equal(Buffer.from(each.bytes), Buffer.from(sent))
      buffers.add(each.bytes.buffer)
      if (random.oneIn(4)) kept.push({ frame: each, copy: Buffer.from(each.bytes) })
      else splitter.giveBack(each)
    }
  }
  for (const { frame: each, copy } of kept) assert.equal(Buffer.from(each.bytes), copy)
  assert.ok(buffers.size < 60 - 10, `${buffers.size} buffers for 60 frames`)
})

test('the layout is the one of docs/wire.md', () => {
  const bytes = frame(frameTypes.blocks, 0x01020304, 0x05060708, Uint8Array.of(0xaa, 0xbb))
  assert.is(Buffer.from(bytes).toString('hex'), '00000000' + '00000002' + '01000000' + '01020304' + '05060708' + 'aabb')
  const [read] = framesOf(bytes)
  assert.equal([read?.type, read?.stream, read?.shard, read?.crc], [1, 0x01020304, 0x05060708, 0])
  assert.is(jsonFrame(frameTypes.error, 9, '')[8], 8)
  assert.equal(
    [...framesOf(jsonFrame(frameTypes.error, 9, ''))].map(({ stream, shard }) => [stream, shard]),
    [[0, 9]],
  )
})

test('the numbers of frame types never change', () => {
  const { blocks, ack, reject, position, heartbeat, shardEnd, drain, error, journal } = frameTypes
  assert.equal([blocks, ack, reject, position, heartbeat, shardEnd, drain, error, journal], [1, 2, 3, 4, 5, 6, 7, 8, 9])
})

test('frames one behind the other are read back', () => {
  holds([anyFrames], (frames) => {
    const read = [...framesOf(Buffer.concat(frames))]
    assert.equal(
      read.map(({ bytes }) => Buffer.from(bytes)),
      frames.map((each) => Buffer.from(each)),
    )
    for (const { bytes, payload } of read) assert.is(payload.length, bytes.length - frameHeaderBytes)
  })
})

test('a byte stream cut anywhere gives the same frames', () => {
  holds([anyFrames, fc.array(fc.nat({ max: 1_400 }), { maxLength: 12 })], (frames, cuts) => {
    const stream = Buffer.concat(frames)
    const whole = [...framesOf(stream)].map(plain)
    assert.equal(split([stream]), whole)
    assert.equal(split(cutAt(stream, cuts)), whole)
  })
})

test('every way to cut three small frames in two or three, and byte by byte', () => {
  const stream = Buffer.concat([
    frame(frameTypes.blocks, 1, 2, Uint8Array.of(1, 2, 3, 4, 5)),
    frame(frameTypes.heartbeat, 0, 0, new Uint8Array(0)),
    frame(frameTypes.journal, 3, 4, Uint8Array.of(6)),
  ])
  const whole = [...framesOf(stream)].map(plain)
  for (let first = 0; first <= stream.length; first++) {
    for (let second = first; second <= stream.length; second++) {
      assert.equal(split(cutAt(stream, [first, second])), whole, `cut at ${first} and ${second}`)
    }
  }
  assert.equal(split(cutAt(stream, [...stream.keys()])), whole)
})

test('a frame that lies whole in a chunk is a window on it, and one that does not is independent of its chunks', () => {
  const one = frame(frameTypes.blocks, 0, 0, Uint8Array.of(1, 2, 3))
  const chunk = Buffer.concat([one, one.subarray(0, 10)])
  const splitter = new FrameSplitter(payloadBytesMax)
  const [window] = [...splitter.push(chunk)]
  assert.is(window?.bytes.buffer, chunk.buffer)
  const rest = new Uint8Array(one.subarray(10))
  chunk.fill(0)
  const [straddling] = [...splitter.push(rest)]
  rest.fill(0)
  assert.equal(Buffer.from(straddling?.bytes ?? []), Buffer.from(one))
})

test('a frame larger than its stream allows is refused as soon as its header is there', () => {
  const large = frame(frameTypes.blocks, 0, 0, new Uint8Array(101))
  const refused = (error: Error) => (error as MillraceError).code === 'frame_malformed'
  assert.throws(() => [...new FrameSplitter(100).push(large.subarray(0, frameHeaderBytes))], refused)
  const byByte = new FrameSplitter(100)
  for (let at = 0; at < frameHeaderBytes - 1; at++) assert.equal([...byByte.push(large.subarray(at, at + 1))], [])
  assert.throws(() => [...byByte.push(large.subarray(frameHeaderBytes - 1))], refused)
  assert.is([...new FrameSplitter(101).push(large)].length, 1)
})

test('a header that says 16 MiB does not make thousands of sessions take that memory before it comes', () => {
  const header = frame(frameTypes.blocks, 0, 0, new Uint8Array(0))
  new DataView(header.buffer).setUint32(4, 16 * 1024 * 1024)
  const before = process.memoryUsage().rss
  const splitters = Array.from({ length: 500 }, () => new FrameSplitter(16 * 1024 * 1024))
  for (const splitter of splitters) assert.equal([...splitter.push(header)], [])
  const grown = process.memoryUsage().rss - before
  assert.ok(grown < 64 * 1024 * 1024, `500 headers took ${grown} bytes`)
  assert.is(
    splitters.reduce((sum, { pending }) => sum + pending, 0),
    500 * frameHeaderBytes,
  )
})

test('a stored frame is intact with the right CRC only: a changed bit, no CRC and a page of zeros are damage', () => {
  holds([anyFrame, fc.nat(), fc.integer({ min: 0, max: 7 })], (bytes, place, bit) => {
    const intact = () => {
      const [read] = framesOf(bytes)
      return read !== undefined && frameIntact(read)
    }
    assert.not(intact(), 'without a CRC')
    sealFrame(bytes)
    assert.ok(intact())
    // A changed length is found before the CRC is: the frame does not end where the bytes do.
    const at = place % (bytes.length - 4)
    const changed = at < 4 ? at : at + 4
    bytes[changed] = (bytes[changed] as number) ^ (1 << bit)
    assert.not(intact(), `a changed bit ${bit} of byte ${changed}`)
  })
  for (const zeros of framesOf(new Uint8Array(4 * frameHeaderBytes))) assert.not(frameIntact(zeros))
})

test('JSON payloads are read back, and what is not JSON is refused', () => {
  holds([fc.jsonValue()], (value) => {
    const [read] = framesOf(jsonFrame(frameTypes.heartbeat, 3, value))
    assert.is(JSON.stringify(jsonPayload(read?.payload ?? new Uint8Array(0))), JSON.stringify(value))
  })
  assert.throws(
    () => jsonPayload(Buffer.from('{"half')),
    (error: Error) => (error as MillraceError).code === 'frame_malformed',
  )
})

const samples = [
  jsonFrame(frameTypes.position, 7, { sequence: 9 }),
  frame(frameTypes.blocks, 1, 2, new Uint8Array(300).fill(5)),
  Buffer.concat([jsonFrame(frameTypes.drain, 0, {}), frame(frameTypes.ack, 0, 0, new Uint8Array(20))]),
]

test('damaged frames are refused with an error of the table, or read as other frames, never beyond their end', () => {
  fuzz(samples, (bytes) => [...framesOf(bytes)].map(plain))
  fuzz(samples, (bytes) => [...framesOf(bytes)].map(({ payload }) => jsonPayload(payload)))
})

test('a splitter takes any bytes, cut anywhere, and says nothing but frames or an error of the table', () => {
  const random = new Random()
  fuzz(samples, (bytes) => {
    const cuts = [bytes.length / 3, bytes.length / 2].map(Math.floor)
    const splitter = new FrameSplitter(payloadBytesMax)
    return cutAt(bytes, cuts).flatMap((chunk) => [...splitter.push(chunk)].map(plain))
  })
  const splitter = new FrameSplitter(2 ** 32)
  assert.not.throws(() => [...splitter.push(random.bytes(15))])
})

test.run()
