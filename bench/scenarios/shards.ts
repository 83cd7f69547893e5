import { appending, withStream } from '../append-load.ts'
import { type Bench, type Contestant, withCpu } from '../bench.ts'
import { closedLoop, partitionKeys, until } from '../load.ts'
import type { RunningMillrace } from '../millrace.ts'
import type { Scenario } from '../scenario.ts'

const bytes = 128
const counts = [1, 10, 100, 1_000]
const burst = 5_000
const keys = partitionKeys(20_000)
const appendCase = 'append'
const consumeCase = 'append, and one consumer of all shards'

/** What it costs that a stream has many shards: the same load on streams with more and more of them. */
export const shards: Scenario = {
  name: 'shards',
  about: 'the same load on a stream of 1, 10, 100 and 1,000 shards',
  rivals: [],
  targets: [
    {
      what: 'append to 1,000 shards, beside one',
      case: appendCase,
      metric: 'acknowledged',
      of: nameOf(1_000),
      against: nameOf(1),
      atLeast: 0.8,
    },
    {
      what: 'delivered from 1,000 shards, beside one',
      case: consumeCase,
      metric: 'delivered',
      of: nameOf(1_000),
      against: nameOf(1),
      atLeast: 0.8,
    },
  ],
  async run(bench) {
    await bench.withSystems(async (_systems, millrace) => {
      const load = { bytes, keys, inFlight: 4 * burst, burst, millis: bench.size(3_000, 100) }
      for (const count of counts) {
        bench.introduce({
          name: nameOf(count),
          version: `millrace, bursts of ${burst} records of ${bytes} B with ${keys.length} keys`,
          durability: 'acknowledged when flushed',
        })
      }
      await bench.compare(
        appendCase,
        counts.map((count) => appending(millrace, { ...load, shards: count }, nameOf(count))),
      )
      await bench.compare(
        consumeCase,
        counts.map((count) => consuming(bench, millrace, count)),
      )
    })
  },
}

function nameOf(count: number): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? 'shard' : 'shards'}`
}

function consuming(bench: Bench, millrace: RunningMillrace, count: number): Contestant {
  const records = bench.size(1_000_000, 10_000)
  const measure = () =>
    withStream(millrace, count, async (stream) => {
      let seen = 0
      const consumer = await stream.consume('start', () => {
        seen++
      })
      const producer = await stream.producer()
      try {
        await producer.put('first', new Uint8Array(bytes))
        await until('the first record', () => seen >= 1)
        const started = performance.now()
        await closedLoop({ producer, bytes, keys, inFlight: 4 * burst, burst, records })
        await until('the last record', () => seen >= records + 1)
        const seconds = (performance.now() - started) / 1000
        return [{ metric: 'delivered', unit: 'records/s' as const, value: records / seconds }]
      } finally {
        await consumer[Symbol.asyncDispose]()
        await producer[Symbol.asyncDispose]()
      }
    })
  return { name: nameOf(count), measure: () => withCpu(millrace.server, measure, () => records) }
}
