import { join } from 'node:path'
import type { Bench, Contestant, Sample } from '../bench.ts'
import { Latency } from '../latency.ts'
import { closedLoop, until } from '../load.ts'
import type { RunningMillrace } from '../millrace.ts'
import { pacedLoad, sinceDue } from '../paced-load.ts'
import { digits } from '../quantity.ts'
import type { Scenario } from '../scenario.ts'
import type { BenchStream } from '../system.ts'

const bytes = 128
const streamName = 'backlog'
const small = '1 M'
const grown = 'grown'
const work = 'append, tail, seek'
const restart = 'restart'
const percentOver = 1.1

/** Whether cost grows with what is stored: two brokers, one with a small backlog and one with a large, in turns. */
export const backlog: Scenario = {
  name: 'backlog',
  about: 'append, tail, seek, restart and memory with 1 M records stored, and with 20 M (--records)',
  rivals: [],
  targets: [
    {
      what: 'append with a grown backlog',
      case: work,
      metric: 'acknowledged',
      of: grown,
      against: small,
      atLeast: 1 / percentOver,
    },
    {
      what: 'tail with a grown backlog, p50',
      case: work,
      metric: 'put to delivered p50',
      of: grown,
      against: small,
      atMost: percentOver,
    },
    {
      what: 'seek with a grown backlog, p50',
      case: work,
      metric: 'seek p50',
      of: grown,
      against: small,
      atMost: percentOver,
    },
    { what: 'start on a grown backlog, ms', case: restart, metric: 'ready', of: grown, atMost: 1_000 },
    {
      what: 'memory with a grown backlog',
      case: restart,
      metric: 'anonymous memory',
      of: grown,
      against: small,
      atMost: percentOver,
    },
  ],
  async run(bench) {
    const sizes = new Map([
      [small, bench.size(1_000_000, 2_000)],
      [grown, bench.size(bench.options.backlogRecords, 20_000)],
    ])
    await bench.withDirectory(async (directory) => {
      const brokers = [...sizes.keys()].map((name) => new GrownBroker(bench, join(directory, name), name))
      try {
        for (const broker of brokers) {
          const records = sizes.get(broker.name) ?? 0
          bench.introduce({
            name: broker.name,
            version: `millrace with ${digits(records / 1e6)} M records of ${bytes} B stored`,
            durability: 'acknowledged when flushed',
          })
          await broker.start()
          bench.options.progress(`backlog: ${broker.name}: storing ${records} records`)
          await broker.fill(records)
        }
        await bench.compare(
          work,
          brokers.map((broker) => broker.working()),
        )
        await bench.compare(
          restart,
          brokers.map((broker) => broker.restarting()),
        )
      } finally {
        for (const broker of brokers) await broker.stop()
      }
    })
  },
}

/** A broker with a backlog, which can be restarted on its data. */
class GrownBroker {
  readonly name: string
  readonly #bench: Bench
  readonly #data: string
  #system: RunningMillrace | undefined
  #records = 0

  constructor(bench: Bench, data: string, name: string) {
    this.#bench = bench
    this.#data = data
    this.name = name
  }

  async start(): Promise<void> {
    this.#system = await this.#bench.startMillrace(this.#data)
  }

  async stop(): Promise<void> {
    await this.#system?.[Symbol.asyncDispose]()
    this.#system = undefined
  }

  async fill(records: number): Promise<void> {
    await this.#append(await this.#running.stream(streamName, 1), { records })
  }

  working(): Contestant {
    return {
      name: this.name,
      measure: async () => {
        const stream = await this.#running.open(streamName)
        const appended = await this.#append(stream, { millis: this.#bench.size(2_000, 50) })
        return [
          { metric: 'acknowledged', unit: 'records/s', value: appended.records / appended.seconds },
          ...(await this.#tail(stream)),
          ...(await this.#seek()),
        ]
      },
    }
  }

  restarting(): Contestant {
    return {
      name: this.name,
      measure: async () => {
        await this.stop()
        await this.start()
        const { server } = this.#running
        const usage = server.usage()
        const memory: Sample[] =
          usage === undefined
            ? []
            : [{ metric: 'anonymous memory', unit: 'MiB', value: usage.anonymousBytes / 1024 ** 2 }]
        return [{ metric: 'ready', unit: 'ms', value: server.readyMillis }, ...memory]
      },
    }
  }

  get #running(): RunningMillrace {
    if (this.#system === undefined) throw new Error(`the broker of ${this.name} is not running`)
    return this.#system
  }

  async #append(stream: BenchStream, end: { records?: number; millis?: number }) {
    const producer = await stream.producer()
    try {
      const result = await closedLoop({ producer, bytes, inFlight: 16_000, burst: 500, ...end })
      this.#records += result.records
      return result
    } finally {
      await producer[Symbol.asyncDispose]()
    }
  }

  async #tail(stream: BenchStream): Promise<Sample[]> {
    const latency = new Latency()
    const perSecond = 500
    const records = perSecond * this.#bench.size(3, 1)
    const consumer = await stream.consume('end', (data) => latency.record(sinceDue(data) ?? 0))
    try {
      await pacedLoad(stream, { bytes, perSecond, records })
      await until('the last record', () => latency.count >= records)
    } finally {
      await consumer[Symbol.asyncDispose]()
    }
    this.#records += records
    return latency.samples('put to delivered').filter(({ metric }) => /p50$|p99$/.test(metric))
  }

  /** One record from a place all over the backlog, as a consumer that comes back does. */
  async #seek(): Promise<Sample[]> {
    const latency = new Latency()
    const seeks = this.#bench.size(500, 20)
    for (let i = 0; i < seeks; i++) {
      // The golden ratio's multiples fall evenly and never twice on the same place.
      const sequence = Math.floor(((i * 0.618_033_988_749_895) % 1) * this.#records)
      const started = performance.now()
      await this.#running.readOne(streamName, sequence)
      latency.record(performance.now() - started)
    }
    return latency.samples('seek').filter(({ metric }) => /p50$|p99$/.test(metric))
  }
}
