import { join } from 'node:path'
import { type Client, connect } from '../../client/index.ts'
import type { Bench, Contestant, Sample } from '../bench.ts'
import { Latency } from '../latency.ts'
import type { RunningMillrace } from '../millrace.ts'
import { digits } from '../quantity.ts'
import type { Scenario } from '../scenario.ts'

const text = 'x'.repeat(100)
const sendMax = 1_000
const backlogCase = 'receive and delete of 10, with a backlog'
const flightCase = 'receive and delete of 10, with others in flight'
const over = 1.2

/** Whether a queue's cost grows with what waits in it, or with what is in flight. */
export const queueGrowth: Scenario = {
  name: 'queue-growth',
  about: 'one call after another with a backlog of 10 k and of half of --records, and with 10 and 100,000 in flight',
  rivals: [],
  targets: [
    {
      what: 'receive with a grown backlog, p50',
      case: backlogCase,
      metric: 'p50',
      of: 'grown',
      against: '10 k',
      atMost: over,
    },
    {
      what: 'receive with 100,000 in flight, p50',
      case: flightCase,
      metric: 'p50',
      of: '100 k',
      against: '10',
      atMost: over,
    },
  ],
  async run(bench) {
    const backlogs = { '10 k': bench.size(10_000, 1_000), grown: bench.size(bench.options.backlogRecords / 2, 5_000) }
    const flights = { '10': 10, '100 k': bench.size(100_000, 1_000) }
    await bench.withDirectory(async (directory) => {
      const queues: GrownQueue[] = []
      try {
        for (const [name, messages] of Object.entries(backlogs)) {
          queues.push(await GrownQueue.start(bench, join(directory, name), name, messages, 0))
        }
        await bench.compare(
          backlogCase,
          queues.map((queue) => queue.receiving(bench.size(100, 20))),
        )
        for (const queue of queues.splice(0)) await queue.stop()
        for (const [name, inFlight] of Object.entries(flights)) {
          queues.push(
            await GrownQueue.start(bench, join(directory, `flight-${name}`), name, 20_000 + inFlight, inFlight),
          )
        }
        await bench.compare(
          flightCase,
          queues.map((queue) => queue.receiving(bench.size(100, 20))),
        )
      } finally {
        for (const queue of queues) await queue.stop()
      }
    })
  },
}

class GrownQueue {
  readonly name: string
  readonly #broker: RunningMillrace
  readonly #client: Client

  private constructor(name: string, broker: RunningMillrace, client: Client) {
    this.name = name
    this.#broker = broker
    this.#client = client
  }

  /** A broker whose queue holds `messages`, of which `inFlight` are in flight. */
  static async start(
    bench: Bench,
    data: string,
    name: string,
    messages: number,
    inFlight: number,
  ): Promise<GrownQueue> {
    const broker = await bench.startMillrace(data)
    const queue = new GrownQueue(name, broker, await connect(broker.server.said))
    const version = `millrace, a queue with ${digits(messages)} messages, ${digits(inFlight)} of them in flight`
    bench.introduce({ name, version, durability: 'acknowledged when flushed' })
    bench.options.progress(`queue-growth: ${name}: sending ${messages} messages`)
    await queue.#client.queue('q').create()
    await queue.#fill(messages)
    for (let left = inFlight; left > 0; left -= sendMax) await queue.#receive(Math.min(sendMax, left), 12 * 3_600_000)
    return queue
  }

  /** One call after another: receives 10, deletes them, and sends 10 in their place. */
  receiving(rounds: number): Contestant {
    return {
      name: this.name,
      measure: async () => {
        const latency = new Latency()
        for (let i = 0; i < rounds; i++) {
          const started = performance.now()
          const handles = await this.#receive(10)
          await this.#call('settle', { delete: handles })
          latency.record(performance.now() - started)
          await this.#send(10)
        }
        const usage = this.#broker.server.usage()
        const memory: Sample[] =
          usage === undefined
            ? []
            : [{ metric: 'anonymous memory', unit: 'MiB', value: usage.anonymousBytes / 2 ** 20 }]
        return [{ metric: 'p50', unit: 'ms', value: latency.at(50) }, ...memory]
      },
    }
  }

  async stop(): Promise<void> {
    await this.#client.close()
    await this.#broker[Symbol.asyncDispose]()
  }

  async #fill(messages: number): Promise<void> {
    let left = messages
    const lane = async () => {
      while (left > 0) {
        const count = Math.min(sendMax, left)
        left -= count
        await this.#send(count)
      }
    }
    await Promise.all(Array.from({ length: 8 }, lane))
  }

  #send(count: number): Promise<unknown> {
    return this.#call('messages', { messages: Array.from({ length: count }, () => ({ text })) })
  }

  async #receive(max: number, visibilityMillis = 30_000): Promise<string[]> {
    const answer = (await this.#call('receive', { max, visibilityMillis })) as { messages: { handle: string }[] }
    return answer.messages.map(({ handle }) => handle)
  }

  #call(what: string, body: object): Promise<unknown> {
    return this.#client.endpoint.call({ method: 'POST', path: `/v1/queues/q/${what}`, body })
  }
}
