import { join } from 'node:path'
import { type Client, connect } from '../../client/index.ts'
import type { Bench, Contestant, Sample } from '../bench.ts'
import { Latency } from '../latency.ts'
import type { RunningMillrace } from '../millrace.ts'
import { digits } from '../quantity.ts'
import type { Scenario } from '../scenario.ts'

const few = '100'
const many = '100 k'
const restart = 'restart'
const firing = 'firing, 20 a second'
const sideBySide = 200
/** What is held is what is left when the garbage of a start was collected, which V8 does when it has nothing else to do for a while. */
const settleMillis = 20_000
/** How far ahead the first one is due: all of them are made by then. */
const aheadMillis = 3_000

/** What many schedules cost, and whether they are late. */
export const schedules: Scenario = {
  name: 'schedules',
  about: 'memory, start and lateness with 100 schedules and with 100,000',
  rivals: [],
  targets: [
    { what: 'lateness among 100,000 schedules, p99, ms', case: firing, metric: 'late p99', of: many, atMost: 50 },
    { what: 'memory of 100,000 schedules, MiB', case: restart, metric: 'memory of schedules', of: many, atMost: 50 },
    { what: 'start with 100,000 schedules', case: restart, metric: 'ready', of: many, against: few, atMost: 1.5 },
  ],
  async run(bench) {
    const sizes = { [few]: 100, [many]: bench.size(100_000, 1_000) }
    await bench.withDirectory(async (directory) => {
      const brokers = Object.entries(sizes).map(
        ([name, count]) => new Planned(bench, join(directory, name), name, count),
      )
      try {
        for (const broker of brokers) await broker.start()
        await bench.compare(
          firing,
          brokers.map((broker) => broker.firing(bench.size(200, 20))),
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

/** A broker with schedules that are not due for years, and some that are. */
class Planned {
  readonly name: string
  readonly #bench: Bench
  readonly #data: string
  readonly #count: number
  #broker: RunningMillrace | undefined
  #client: Client | undefined
  #emptyBytes = 0
  #made = 0

  constructor(bench: Bench, data: string, name: string, count: number) {
    this.#bench = bench
    this.#data = data
    this.name = name
    this.#count = count
  }

  async start(): Promise<void> {
    const version = `millrace with ${digits(this.#count)} schedules`
    this.#bench.introduce({ name: this.name, version, durability: 'acknowledged when flushed' })
    await this.#open()
    this.#emptyBytes = this.#anonymousBytes()
    await this.#connected.stream('fired').create()
    this.#bench.options.progress(`schedules: ${this.name}: making them`)
    await this.#make(this.#count, (i) => `cron(${i % 60} ${i % 24} * * ? 2199)`, { queue: 'nowhere' })
  }

  async stop(): Promise<void> {
    await this.#client?.close()
    await this.#broker?.[Symbol.asyncDispose]()
    this.#broker = undefined
  }

  /** How late the records of schedules that are due are in the log. */
  firing(count: number): Contestant {
    return {
      name: this.name,
      measure: async () => {
        const latency = new Latency()
        const stream = this.#connected.stream('fired')
        const { shards } = await stream.describe()
        let next = shards[0]?.next ?? 0
        const from = Date.now() + aheadMillis
        const expression = (i: number) =>
          `at(${new Date(from + Math.floor(i / 20) * 1_000).toISOString().slice(0, 19)})`
        await this.#make(count, expression, { stream: 'fired' })
        while (latency.count < count) {
          const page = await stream.read({ shard: 0, from: next, limit: 1_000 })
          for (const record of page.records) latency.record(record.time - Date.parse(record.text()))
          next = page.next
          await new Promise((resolve) => setTimeout(resolve, 50))
        }
        return latency.samples('late').filter(({ metric }) => /p50$|p99$/.test(metric))
      },
    }
  }

  restarting(): Contestant {
    return {
      name: this.name,
      measure: async () => {
        await this.stop()
        await this.#open()
        // Whoever asks for schedules waits until all of them are read.
        await this.#connected.endpoint.call({ method: 'GET', path: '/v1/schedules', query: { limit: '1' } })
        await new Promise((resolve) => setTimeout(resolve, this.#bench.size(settleMillis, 0)))
        const used = this.#anonymousBytes() - this.#emptyBytes
        const memory: Sample[] = [{ metric: 'memory of schedules', unit: 'MiB', value: used / 2 ** 20 }]
        return [{ metric: 'ready', unit: 'ms', value: this.#running.server.readyMillis }, ...memory]
      },
    }
  }

  async #open(): Promise<void> {
    this.#broker = await this.#bench.startMillrace(this.#data)
    this.#client = await connect(this.#broker.server.said)
  }

  async #make(count: number, expression: (i: number) => string, target: { queue: string } | { stream: string }) {
    for (let i = 0; i < count; i += sideBySide) {
      const some = Array.from({ length: Math.min(sideBySide, count - i) }, (_, j) =>
        this.#connected
          .schedule(`s${this.#made++}`)
          .set(expression(i + j), { target, input: '<aws.scheduler.scheduled-time>' }),
      )
      await Promise.all(some)
    }
  }

  #anonymousBytes(): number {
    return this.#running.server.usage()?.anonymousBytes ?? 0
  }

  get #running(): RunningMillrace {
    if (this.#broker === undefined) throw new Error(`the broker of ${this.name} is not running`)
    return this.#broker
  }

  get #connected(): Client {
    if (this.#client === undefined) throw new Error(`the broker of ${this.name} is not running`)
    return this.#client
  }
}
