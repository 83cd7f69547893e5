import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Latency } from '../../bench/latency.ts'
import { closedLoop, openLoop } from '../../bench/load.ts'
import { pacedLoad, sinceDue } from '../../bench/paced-load.ts'
import type { BenchProducer, BenchStream } from '../../bench/system.ts'

const test = suite('load')

/** A producer that acknowledges one turn later, and knows how much was in flight at most. */
class CountingProducer implements BenchProducer {
  puts: { key: string; data: Uint8Array }[] = []
  inFlight = 0
  inFlightMax = 0
  disposed = false
  refuse = false

  async put(key: string, data: Uint8Array): Promise<void> {
    this.puts.push({ key, data })
    this.inFlight++
    this.inFlightMax = Math.max(this.inFlightMax, this.inFlight)
    await new Promise((resolve) => setImmediate(resolve))
    this.inFlight--
    if (this.refuse) throw new Error('refused')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disposed = true
  }
}

function streamOf(producer: BenchProducer): BenchStream {
  return {
    name: 'test',
    producer: async () => producer,
    consume: async () => ({ [Symbol.asyncDispose]: async () => undefined }),
    delete: async () => undefined,
  }
}

test('a closed loop keeps as many records in flight as it was told, and puts as many in all', async () => {
  const producer = new CountingProducer()
  const { records } = await closedLoop({ producer, bytes: 100, inFlight: 10, burst: 1, records: 95 })
  assert.is(producer.inFlightMax, 10)
  assert.ok(records >= 95 && records < 95 + 10)
  assert.is(producer.puts.length, records)
  assert.ok(producer.puts.every(({ data }) => data.length === 100))
})

test('bursts are put in one turn, and the last one is no larger than what is left', async () => {
  const producer = new CountingProducer()
  const { records } = await closedLoop({ producer, bytes: 10, inFlight: 40, burst: 20, records: 50 })
  assert.is(records, 50)
  assert.is(producer.inFlightMax, 40)
})

test('an open loop sends every record, with due times in even steps whatever the sending did', async () => {
  const due: number[] = []
  await openLoop({
    perSecond: 2_000,
    records: 40,
    send: (i, at) => {
      assert.is(i, due.length)
      due.push(at)
      // A stall of the sender: what comes after it was due all the same.
      if (i === 5) for (const until = performance.now() + 10; performance.now() < until; );
    },
  })
  assert.is(due.length, 40)
  for (const [i, at] of due.slice(1).entries()) assert.ok(Math.abs(at - (due[i] as number) - 0.5) < 0.01)
})

test('a record of a paced load tells how long ago it was due, but for those of the warm-up', async () => {
  const producer = new CountingProducer()
  const acknowledged: number[] = []
  await pacedLoad(streamOf(producer), {
    bytes: 64,
    perSecond: 1_000,
    records: 20,
    warmUp: 5,
    acknowledged: (millis) => acknowledged.push(millis),
  })
  const ages = producer.puts.map(({ data }) => sinceDue(data))
  assert.equal(
    ages.map((age) => age === undefined),
    ages.map((_, i) => i < 5),
  )
  assert.is(acknowledged.length, 15)
  assert.ok(producer.disposed)
})

test('a paced load ends with the error of a put that was refused', async () => {
  const producer = new CountingProducer()
  producer.refuse = true
  const error = await pacedLoad(streamOf(producer), { bytes: 64, perSecond: 1_000, records: 3 }).catch((e: Error) => e)
  assert.is(error?.message, 'refused')
  assert.ok(producer.disposed)
  await sleep(0)
})

test('percentiles come from all samples, to three digits, and the largest is kept', () => {
  const latency = new Latency()
  for (let i = 1; i <= 1_000; i++) latency.record(i)
  const near = (value: number, wanted: number) => Math.abs(value / wanted - 1) < 0.002
  assert.is(latency.count, 1_000)
  assert.ok(near(latency.at(50), 500), `${latency.at(50)}`)
  assert.ok(near(latency.at(99), 990), `${latency.at(99)}`)
  const samples = latency.samples('put')
  assert.equal(
    samples.map(({ metric }) => metric),
    ['put p50', 'put p90', 'put p99', 'put p99.9', 'put max'],
  )
  assert.ok(near(samples[4]?.value ?? 0, 1_000))
})

test.run()
