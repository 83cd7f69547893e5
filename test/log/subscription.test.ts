import * as assert from 'uvu/assert'
import { ManualClock } from '../../broker/clock.ts'
import { FrameSink, type FrameTarget } from '../../broker/log/frame-sink.ts'
import type { Subscription } from '../../broker/log/subscription.ts'
import type { Stream, SubscribeOptions } from '../../broker/modes/stream.ts'
import { visitRecords } from '../../broker/modes/stream-records.ts'
import { framesOf, frameTypes, jsonPayload } from '../../broker/wire/frame.ts'
import { suite } from '../suite.ts'
import { type Floors, inMemory, onDisk } from './harness.ts'

const test = suite('subscription')
const bytes = (said: string) => new TextEncoder().encode(said)
const turns = async (count = 20) => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** A reader that decodes what it is sent, and can stop taking it. */
class Reader implements FrameTarget {
  /** Per shard, what was read: sequences with their data. */
  readonly records: { shard: number; sequence: number; data: string }[] = []
  readonly events: string[] = []
  readonly buffers: Uint8Array[] = []
  readonly #positions = new Map<number, number>()
  stalled = false
  ended = false
  offered = 0
  subscription: Subscription | undefined

  write(frames: Uint8Array): boolean {
    assert.not(this.ended, 'nothing is written behind the end')
    this.offered += frames.length
    for (const frame of framesOf(frames)) this.#take(frame)
    return !this.stalled
  }

  end(): void {
    this.ended = true
  }

  async open(stream: Stream, options: SubscribeOptions): Promise<this> {
    this.subscription = await stream.subscribe(options, new FrameSink(this, new ManualClock()))
    return this
  }

  resume(): void {
    this.stalled = false
    this.subscription?.resume()
  }

  #take(frame: { type: number; shard: number; payload: Uint8Array; bytes: Uint8Array }): void {
    const { type, shard, payload } = frame
    if (type === frameTypes.blocks) {
      this.buffers.push(frame.bytes)
      const from = this.#positions.get(shard) ?? assert.unreachable('a position comes first')
      visitRecords(frame.bytes, Number(from), (reader, sequence) => {
        this.records.push({ shard, sequence, data: Buffer.from(reader.data()).toString() })
        this.#positions.set(shard, sequence + 1)
        return true
      })
    } else if (type === frameTypes.position) {
      this.#positions.set(shard, (jsonPayload(payload) as { sequence: number }).sequence)
      this.events.push(`position ${shard}`)
    } else if (type === frameTypes.shardEnd) this.events.push(`end ${shard}`)
    else if (type === frameTypes.heartbeat) this.events.push('heartbeat')
    else if (type === frameTypes.drain) this.events.push('drain')
    else if (type === frameTypes.error) this.events.push(`error ${(jsonPayload(payload) as { code: string }).code}`)
  }

  /** What was read of one shard, which must be without gap or repetition. */
  of(shard: number): string[] {
    const mine = this.records.filter((record) => record.shard === shard)
    for (const [i, { sequence }] of mine.entries()) {
      if (i > 0) assert.is(sequence, (mine[i - 1]?.sequence ?? 0) + 1, `shard ${shard} is read without a gap`)
    }
    return mine.map(({ data }) => data)
  }
}

async function putMany(stream: Stream, count: number, size = 1, label = ''): Promise<void> {
  for (let i = 0; i < count; i++) await stream.put([{ key: `k${i}`, data: bytes(`${label}${i}`.padEnd(size)) }])
}

async function withStream(shards: number, body: (stream: Stream, floors: Floors) => Promise<void>): Promise<void> {
  await inMemory(async (floors) => body(await floors.streams.create('s', { shards }), floors), { tailBytesMax: 4_096 })
}

test('live readers are handed the very same buffer', () =>
  withStream(1, async (stream) => {
    const readers = await Promise.all([1, 2, 3].map(() => new Reader().open(stream, { from: 'latest' })))
    await putMany(stream, 5)
    for (const reader of readers) assert.equal(reader.of(0), ['0', '1', '2', '3', '4'])
    for (let i = 0; i < 5; i++) {
      const buffers = readers.map((reader) => reader.buffers[i])
      assert.is(buffers[0]?.buffer, buffers[1]?.buffer)
      assert.is(buffers[1]?.buffer, buffers[2]?.buffer)
    }
  }))

test('nothing is pushed before it is acknowledged, nor later than in the same turn', () =>
  withStream(1, async (stream) => {
    const reader = await new Reader().open(stream, { from: 'latest' })
    const putting = stream.put([{ key: 'k', data: bytes('x') }])
    assert.is(reader.records.length, 0)
    await putting
    assert.is(reader.records.length, 1)
  }))

test('a reader from horizon gets the backlog, then what is put, each once', () =>
  withStream(3, async (stream) => {
    await putMany(stream, 200, 100, 'old ')
    const reader = await new Reader().open(stream, { from: 'horizon' })
    await putMany(stream, 50, 100, 'new ')
    await turns()
    assert.is(reader.of(0).length + reader.of(1).length + reader.of(2).length, 250)
  }))

test('a stalled reader is offered one write and no more, costs no memory, and gets all when it comes back', () =>
  withStream(1, async (stream) => {
    const stalled = new Reader()
    stalled.stalled = true
    await stalled.open(stream, { from: 'latest' })
    const lively = await new Reader().open(stream, { from: 'latest' })
    await putMany(stream, 300, 100)
    assert.is(lively.of(0).length, 300)
    assert.ok(stalled.offered < 400, `was offered ${stalled.offered} bytes`)
    stalled.resume()
    await turns()
    assert.is(stalled.of(0).length, 300)
  }))

test('a parent is read to its end before its children', () =>
  withStream(1, async (stream) => {
    await putMany(stream, 30, 200, 'p')
    await stream.split(0)
    await putMany(stream, 30, 200, 'c')
    const reader = await new Reader().open(stream, { from: 'horizon' })
    await turns(100)
    assert.equal(reader.events.slice(0, 2), ['position 0', 'end 0'])
    const lastOfParent = reader.records.findLastIndex(({ shard }) => shard === 0)
    const firstOfChildren = reader.records.findIndex(({ shard }) => shard !== 0)
    assert.ok(lastOfParent < firstOfChildren)
    assert.is(reader.records.length, 60)
  }))

test('children are followed as they appear, through splits and merges', () =>
  withStream(1, async (stream) => {
    const reader = await new Reader().open(stream, { from: 'horizon' })
    await putMany(stream, 10)
    await stream.split(0)
    await putMany(stream, 20)
    await stream.merge(1, 2)
    await putMany(stream, 10)
    await turns()
    assert.is(reader.records.length, 40)
    assert.equal(
      reader.events.filter((event) => event.startsWith('end')),
      ['end 0', 'end 1', 'end 2'],
    )
    assert.is(reader.of(3).length, 10)
  }))

test('shards that are named are read alone, and not followed', () =>
  withStream(2, async (stream) => {
    const reader = await new Reader().open(stream, { from: 'horizon', shards: [1] })
    await putMany(stream, 40)
    await stream.split(1)
    await putMany(stream, 40)
    await turns()
    assert.equal([...new Set(reader.records.map(({ shard }) => shard))], [1])
    assert.ok(reader.events.includes('end 1'))
  }))

test('a resumed reader goes on at its sequences; other shards start at horizon', () =>
  withStream(2, async (stream) => {
    await putMany(stream, 100)
    const total = stream.describe().shards.map(({ next }) => next)
    const reader = await new Reader().open(stream, { from: { sequences: { 0: 10 } } })
    await turns()
    assert.is(reader.of(0).length, (total[0] ?? 0) - 10)
    assert.is(reader.of(1).length, total[1])
  }))

test('a consumer starts at its checkpoints', () =>
  withStream(1, async (stream) => {
    await putMany(stream, 10)
    await stream.checkpoint('billing', new Map([[0, { next: 7 }]]))
    const reader = await new Reader().open(stream, { from: 'horizon', consumer: 'billing' })
    await turns()
    assert.equal(reader.of(0), ['7', '8', '9'])
  }))

test('a heartbeat comes when nothing else did, and not when something did', () =>
  withStream(1, async (stream, { clock }) => {
    const reader = await new Reader().open(stream, { from: 'latest', heartbeatMillis: 1_000 })
    const beats = () => reader.events.filter((event) => event === 'heartbeat').length
    await clock.advance(999)
    assert.is(beats(), 0)
    await clock.advance(1)
    assert.is(beats(), 1)
    await putMany(stream, 1)
    await clock.advance(1_000)
    assert.is(beats(), 1)
    await clock.advance(3_000)
    assert.is(beats(), 4)
  }))

test('a reader that takes nothing for too long is cut off', () =>
  withStream(1, async (stream, { clock, logs }) => {
    const reader = new Reader()
    reader.stalled = true
    await reader.open(stream, { from: 'latest', heartbeatMillis: 60_000 })
    await putMany(stream, 1)
    await clock.advance(logs.limits.stallMillisMax + 60_000)
    assert.ok(reader.ended)
  }))

test('a deleted stream ends its readers with an error that says so', () =>
  withStream(1, async (stream, { streams }) => {
    const reader = await new Reader().open(stream, { from: 'latest' })
    await streams.delete(stream.name)
    assert.equal(reader.events.at(-1), 'error stream_not_found')
    assert.ok(reader.ended)
  }))

test('a drain says so and ends', () =>
  withStream(1, async (stream) => {
    const reader = await new Reader().open(stream, { from: 'latest' })
    reader.subscription?.drain()
    assert.equal(reader.events, ['position 0', 'drain'])
    assert.ok(reader.ended)
    await putMany(stream, 1)
    assert.is(reader.records.length, 0)
  }))

test('a reader far behind reads through sealed segments on disk while others tail', () =>
  onDisk(async (open) => {
    const bounds = { segmentBytesMax: 20_000, tailBytesMax: 4_096, openSegmentsMax: 2, readBytesMax: 3_000 }
    const floors = await open(bounds)
    const stream = await floors.streams.create('s', { shards: 2 })
    const tailing = await new Reader().open(stream, { from: 'latest' })
    for (let i = 0; i < 300; i++) {
      await Promise.all([putMany(stream, 1, 300, `${i} `), stream.put([{ key: `z${i}`, data: bytes(`${i}`) }])])
    }
    assert.ok(floors.store.segments().length > 4, `${floors.store.segments().length} segments`)
    const behind = await new Reader().open(stream, { from: 'horizon' })
    while (behind.records.length < 600) await turns(5)
    assert.is(tailing.records.length, 600)
    assert.equal(behind.of(0), tailing.of(0))
    assert.equal(behind.of(1), tailing.of(1))
    await floors.close()
    const again = await open(bounds)
    const third = await new Reader().open(again.streams.get('s'), { from: 'horizon' })
    while (third.records.length < 600) await turns(5)
    assert.equal(third.of(0), tailing.of(0))
    await again.close()
  }))

test.run()
