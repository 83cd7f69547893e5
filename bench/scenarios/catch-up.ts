import type { Bench, Sample } from '../bench.ts'
import { Latency } from '../latency.ts'
import { closedLoop, until } from '../load.ts'
import { pacedLoad, sinceDue } from '../paced-load.ts'
import type { Scenario } from '../scenario.ts'
import type { BenchStream } from '../system.ts'

const perSecond = 1_000
const bytes = 1024
const alone = 'tail alone'
const beside = 'tail beside a reader of the backlog'
const tailed = 'put to delivered'

/** What a consumer at the tail feels of one that reads the backlog as fast as it can. */
export const catchUp: Scenario = {
  name: 'catch-up',
  about: `a consumer at the tail at ${perSecond} records/s, alone and beside one that reads a backlog from the start`,
  rivals: ['nats', 'redis-everysec'],
  targets: [],
  async run(bench) {
    const backlog = bench.size(300_000, 2_000)
    await bench.withSystems(async (systems) => {
      const streams = new Map<string, BenchStream>()
      for (const system of systems) {
        bench.options.progress(`catch-up: ${system.name}: storing the backlog`)
        const stream = await system.stream('catch-up')
        await fill(stream, backlog)
        streams.set(system.name, stream)
      }
      for (const name of [alone, beside]) {
        const measure = (stream: BenchStream) => tail(bench, stream, name === beside ? backlog : 0)
        await bench.compare(
          name,
          [...streams].map(([system, stream]) => ({ name: system, measure: () => measure(stream) })),
        )
      }
    })
  },
}

async function fill(stream: BenchStream, records: number): Promise<void> {
  const producer = await stream.producer()
  try {
    await closedLoop({ producer, bytes, inFlight: 8_000, burst: 500, records })
  } finally {
    await producer[Symbol.asyncDispose]()
  }
}

/** Tails the stream for some seconds; with a `backlog`, a second consumer reads that many records from the start, again and again. */
async function tail(bench: Bench, stream: BenchStream, backlog: number): Promise<Sample[]> {
  const latency = new Latency()
  const records = perSecond * bench.size(6, 1)
  let seen = 0
  const consumer = await stream.consume('end', (data) => {
    seen++
    latency.record(sinceDue(data) ?? 0)
  })
  const reader = new BacklogReader(stream, backlog)
  try {
    if (backlog > 0) reader.start()
    await pacedLoad(stream, { bytes, perSecond, records })
    await until('the last record', () => seen >= records)
  } finally {
    await reader.stop()
    await consumer[Symbol.asyncDispose]()
  }
  const caughtUp: Sample[] =
    backlog === 0 ? [] : [{ metric: 'read from the backlog', unit: 'MB/s', value: reader.rate }]
  return [...latency.samples(tailed), ...caughtUp]
}

/** Reads a stream from the start up to a number of records, and starts over, until it is stopped. */
class BacklogReader {
  readonly #stream: BenchStream
  readonly #records: number
  #stopped = false
  #bytes = 0
  #seconds = 0
  #reading: Promise<void> | undefined

  constructor(stream: BenchStream, records: number) {
    this.#stream = stream
    this.#records = records
  }

  /** MB/s read. */
  get rate(): number {
    return this.#bytes / this.#seconds / 1e6
  }

  start(): void {
    this.#reading = this.#read()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#reading
  }

  async #read(): Promise<void> {
    const started = performance.now()
    while (!this.#stopped) {
      let seen = 0
      const consumer = await this.#stream.consume('start', (data) => {
        seen++
        this.#bytes += data.length
      })
      await until('the backlog', () => this.#stopped || seen >= this.#records)
      await consumer[Symbol.asyncDispose]()
    }
    this.#seconds = (performance.now() - started) / 1000
  }
}
