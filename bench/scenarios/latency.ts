import { withStream } from '../append-load.ts'
import { type Bench, type Contestant, withCpu } from '../bench.ts'
import { Latency } from '../latency.ts'
import { until } from '../load.ts'
import type { RunningMillrace } from '../millrace.ts'
import { pacedLoad, sinceDue } from '../paced-load.ts'
import type { Scenario } from '../scenario.ts'
import type { BenchStream, RunningSystem } from '../system.ts'

const perSecond = 1_000
const consumers = 5
const bytes = 128
const readsPerSecond = 5
const polling = 'polling'

export const latencyCase = `${perSecond.toLocaleString('en-US')} records/s, ${consumers} consumers`
export const deliveredLatency = 'put to delivered'

/** From the moment a record was due to be put until each consumer has it, at a fixed rate. */
export const latency: Scenario = {
  name: 'latency',
  about: `put to delivered at ${perSecond} records/s, ${consumers} consumers; push beside polling at ${readsPerSecond} reads/s`,
  rivals: ['nats', 'redis-always', 'redis-everysec'],
  targets: [
    {
      what: 'put to delivered, 1,000 records/s, 5 consumers, p99 in ms',
      case: latencyCase,
      metric: `${deliveredLatency} p99`,
      atMost: 10,
    },
    {
      what: 'push beside polling at 5 reads/s: the part of the time it takes (65 % faster is 0.35)',
      case: latencyCase,
      metric: `${deliveredLatency} p50`,
      against: polling,
      atMost: 0.35,
    },
  ],
  async run(bench) {
    await bench.withSystems(async (systems, millrace) => {
      bench.introduce({
        name: polling,
        version: 'millrace, read by GET',
        durability: `as millrace; each consumer reads ${readsPerSecond} times a second`,
      })
      const pushed = systems.map((system) => delivering(bench, system, system.name, (stream) => stream))
      const polled = delivering(bench, millrace, polling, (stream) => pollingStream(millrace, stream))
      await bench.compare(latencyCase, [...pushed, polled])
    })
  },
}

function pollingStream(millrace: RunningMillrace, stream: BenchStream): BenchStream {
  return { ...stream, consume: (_from, each) => millrace.poll(stream.name, readsPerSecond, each) }
}

function delivering(
  bench: Bench,
  system: RunningSystem,
  name: string,
  view: (stream: BenchStream) => BenchStream,
): Contestant {
  const measure = async (stream: BenchStream) => {
    const delivered = new Latency()
    const acknowledged = new Latency()
    const late = new Latency()
    const records = perSecond * bench.size(8, 1)
    let seen = 0
    const consume = (data: Uint8Array) => {
      seen++
      const millis = sinceDue(data)
      if (millis !== undefined) delivered.record(millis)
    }
    const open = await Promise.all(Array.from({ length: consumers }, () => stream.consume('start', consume)))
    try {
      await pacedLoad(stream, {
        bytes,
        perSecond,
        records,
        warmUp: bench.size(perSecond, 1),
        put: (millis) => late.record(millis),
        acknowledged: (millis) => acknowledged.record(millis),
      })
      await until('the last record', () => seen >= records * consumers)
    } finally {
      for (const each of open) await each[Symbol.asyncDispose]()
    }
    return [
      ...delivered.samples(deliveredLatency),
      ...acknowledged.samples('put to acknowledged'),
      { metric: 'due to put p99 (the load itself)', unit: 'ms' as const, value: late.at(99) },
    ]
  }
  return {
    name,
    measure: () => withStream(system, 1, (stream) => withCpu(system.server, () => measure(view(stream)))),
  }
}
