import { withStream } from '../append-load.ts'
import { type Bench, type Contestant, type Sample, withCpu } from '../bench.ts'
import { closedLoop, until } from '../load.ts'
import { Pipe, pipeName } from '../pipe.ts'
import type { Scenario } from '../scenario.ts'
import type { BenchStream, RunningSystem } from '../system.ts'

export const fanOutConsumers = [1, 5, 20, 100] as const
const burst = 500
const bursts = 16
/** Rivals get this part of the records, so that a turn takes about as long; figures are per second. */
const rivalShare = 0.25

/** The metrics: while records come in, and afterwards, from the start of the log. */
export const live = 'delivered live'
export const stored = 'delivered from the log'

/** The name of a case, which charts and targets use too. */
export function fanOutCase(bytes: number, consumers: number): string {
  const size = bytes === 1024 ? '1 KiB' : `${bytes} B`
  return `${size}, ${consumers} ${consumers === 1 ? 'consumer' : 'consumers'}`
}

/** Every consumer has a connection of its own, gets every record, and looks at each one. */
export const fanOut: Scenario = {
  name: 'fan-out',
  about: `${fanOutConsumers.join(', ')} consumers that each get every record, beside a bare HTTP/2 pipe with as many streams`,
  rivals: ['nats', 'redis-everysec'],
  targets: [
    ...[5, 20].map((consumers) => ({
      what: `fan-out, 1 KiB, ${consumers} consumers, beside a bare node:http2 pipe with as many streams`,
      case: fanOutCase(1024, consumers),
      metric: `${stored}, data`,
      against: pipeName,
      atLeast: 0.7,
    })),
    {
      what: 'fan-out, 1 KiB, 100 consumers: no collapse, beside 20',
      case: fanOutCase(1024, 100),
      metric: `${stored}, data`,
      againstCase: fanOutCase(1024, 20),
      atLeast: 0.7,
    },
    {
      what: 'fan-out, 128 B, 5 consumers, while producing, beside JetStream',
      case: fanOutCase(128, 5),
      metric: live,
      against: 'nats',
      atLeast: 5,
    },
  ],
  async run(bench) {
    const pipe = await Pipe.start(bench)
    try {
      await bench.withSystems(async (systems, millrace) => {
        for (const bytes of [1024, 128]) {
          for (const consumers of fanOutConsumers) {
            const volume = bench.size(bytes === 1024 ? 400_000 : 1_600_000, 2_000)
            const contestants = systems.map((system) => {
              const share = system === millrace ? 1 : rivalShare
              return delivering(bench, system, { bytes, consumers, records: Math.ceil((volume * share) / consumers) })
            })
            await bench.compare(fanOutCase(bytes, consumers), [...contestants, piping(pipe, bytes, consumers, volume)])
          }
        }
      })
    } finally {
      await pipe[Symbol.asyncDispose]()
    }
  },
}

interface Delivery {
  readonly bytes: number
  readonly consumers: number
  readonly records: number
}

function delivering(bench: Bench, system: RunningSystem, delivery: Delivery): Contestant {
  return {
    name: system.name,
    measure: () =>
      withStream(system, 1, (stream) => {
        const run = async () => {
          const first = await whileProducing(stream, delivery)
          const second = await fromTheLog(stream, { ...delivery, records: delivery.records + 1 })
          return [...rates(live, delivery, first), ...rates(stored, delivery, second)]
        }
        return withCpu(system.server, run, () => 2 * delivery.records * delivery.consumers)
      }),
  }

  /** From the first put until the last consumer has the last record. */
  async function whileProducing(stream: BenchStream, { bytes, consumers, records }: Delivery): Promise<number> {
    const producer = await stream.producer()
    const readers = await attach(stream, consumers)
    try {
      // One record through every connection first, so that none is still being opened when time starts.
      await producer.put('first', new Uint8Array(bytes))
      await until('the first record', () => readers.least() >= 1)
      const started = performance.now()
      await closedLoop({ producer, bytes, inFlight: burst * bursts, burst, records })
      await until('the last record', () => readers.least() >= records + 1)
      return (performance.now() - started) / 1000
    } finally {
      await readers.close()
      await producer[Symbol.asyncDispose]()
    }
  }

  /** From the moment the consumers connect until the last one has all there is. */
  async function fromTheLog(stream: BenchStream, { consumers, records }: Delivery): Promise<number> {
    bench.options.progress(`fan-out: ${consumers} from the log`)
    const started = performance.now()
    const readers = await attach(stream, consumers)
    try {
      await until('all of the log', () => readers.least() >= records)
      return (performance.now() - started) / 1000
    } finally {
      await readers.close()
    }
  }
}

/** Attaches consumers that count what they get. */
async function attach(stream: BenchStream, consumers: number) {
  const counts = new Float64Array(consumers)
  const open = await Promise.all(
    Array.from({ length: consumers }, (_, i) =>
      stream.consume('start', (data) => {
        if (data.length > 0) counts[i] = (counts[i] as number) + 1
      }),
    ),
  )
  return {
    least: () => counts.reduce((least, count) => Math.min(least, count), Number.POSITIVE_INFINITY),
    close: async () => {
      await Promise.all(open.map((each) => each[Symbol.asyncDispose]()))
    },
  }
}

function rates(metric: string, { bytes, consumers, records }: Delivery, seconds: number): Sample[] {
  const delivered = records * consumers
  return [
    { metric, unit: 'records/s', value: delivered / seconds },
    { metric: `${metric}, data`, unit: 'MB/s', value: (delivered * bytes) / seconds / 1e6 },
  ]
}

function piping(pipe: Pipe, bytes: number, consumers: number, volume: number): Contestant {
  const each = Math.ceil((volume * bytes) / consumers)
  const run = async () => {
    const value = (each * consumers) / (await pipe.run(consumers, each)) / 1e6
    return [live, stored].map((metric): Sample => ({ metric: `${metric}, data`, unit: 'MB/s', value }))
  }
  return { name: pipeName, measure: () => withCpu(pipe.server, run, () => volume) }
}
