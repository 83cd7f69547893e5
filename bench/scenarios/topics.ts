import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Bench, type Contestant, withCpu } from '../bench.ts'
import { Latency } from '../latency.ts'
import { payloads } from '../load.ts'
import type { Scenario } from '../scenario.ts'
import type { BenchTopic, RunningTopicSystem } from '../topic-system.ts'
import { millraceTopics, RunningTopics } from '../topics/millrace.ts'
import { redisTopics } from '../topics/redis.ts'

const bytes = 200
const outstanding = 200
const queueCounts = [1, 10, 100] as const
const matching = 10
const filters = 10_000
let topics = 0

const copies = 'copies on disk'
const delay = 'publish to acknowledged'

function queuesCase(queues: number): string {
  return `${bytes} B to ${queues} ${queues === 1 ? 'queue' : 'queues'}, ${outstanding} outstanding`
}

const filteredCase = `${bytes} B, ${matching} of ${filters.toLocaleString('en-US')} filtered subscriptions match, ${outstanding} outstanding`

/** What publishing costs by the number of those who get it, and by the number of those who don't. */
export const topicsScenario: Scenario = {
  name: 'topics',
  about: 'publish to 1, 10 and 100 queues, and to 10 of 10,000 filtered subscriptions, beside Redis transactions',
  rivals: ['redis-always'],
  targets: [
    {
      what: 'publish to 10 of 10,000 filtered subscriptions, beside 10 of 10 without a filter',
      case: filteredCase,
      metric: copies,
      againstCase: queuesCase(matching),
      atLeast: 0.5,
    },
    {
      what: 'publish to 10 queues, beside Redis with appendfsync always',
      case: queuesCase(10),
      metric: copies,
      against: 'redis-always',
      atLeast: 1,
    },
  ],
  async run(bench) {
    await bench.withDirectory(async (directory) => {
      const running = await startAll(bench, directory)
      try {
        for (const queues of queueCounts) {
          await bench.compare(
            queuesCase(queues),
            running.map((system) => publishing(bench, system, queues, (name) => system.topic(name, queues))),
          )
        }
        const own = running.find((system) => system instanceof RunningTopics)
        if (own === undefined) return
        const all = bench.size(filters, 500)
        const open = (name: string) => own.filtered(name, matching, all)
        await bench.compare(filteredCase, [publishing(bench, own, matching, open)])
      } finally {
        for (const system of running) await system[Symbol.asyncDispose]()
      }
    })
  },
}

async function startAll(bench: Bench, directory: string): Promise<RunningTopicSystem[]> {
  const running: RunningTopicSystem[] = []
  for (const system of [millraceTopics, redisTopics]) {
    const own = system === millraceTopics
    const wanted = bench.options.rivals
    if (!own && wanted !== undefined && !wanted.some((each) => system.name.startsWith(each))) continue
    try {
      bench.introduce({ name: system.name, version: await system.version(), durability: system.durability })
      const data = join(directory, system.name)
      await mkdir(data, { recursive: true })
      running.push(await system.start(data))
    } catch (error) {
      if (own) throw error
      bench.absent.push({ name: system.name, reason: (error as Error).message })
    }
  }
  return running
}

function publishing(
  bench: Bench,
  system: RunningTopicSystem,
  receivers: number,
  open: (name: string) => Promise<BenchTopic>,
): Contestant {
  return {
    name: system.name,
    measure: async () => {
      const topic = await open(`bench-${process.pid}-${topics++}`)
      try {
        return await withCpu(system.server, async () => {
          const latency = new Latency()
          const started = performance.now()
          const published = await publishFor(topic, bench.size(3_000, 200), latency)
          const seconds = (performance.now() - started) / 1000
          return [
            { metric: copies, unit: 'op/s' as const, value: (published * receivers) / seconds },
            ...latency.samples(delay),
          ]
        })
      } finally {
        await topic[Symbol.asyncDispose]()
      }
    },
  }
}

/** Publishes with so many outstanding for so long; resolves with how many were acknowledged. */
async function publishFor(topic: BenchTopic, millis: number, latency: Latency): Promise<number> {
  const data = payloads(bytes)
  const end = performance.now() + millis
  let published = 0
  const work = async (first: number) => {
    for (let i = first; performance.now() < end; i++) {
      const started = performance.now()
      await topic.publish(data[i % data.length] as Uint8Array)
      latency.record(performance.now() - started)
      published++
    }
  }
  await Promise.all(Array.from({ length: outstanding }, (_, i) => work(i)))
  return published
}
