import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Bench, type Contestant, type Sample, withCpu } from '../bench.ts'
import { payloads } from '../load.ts'
import type { QueueSystem, RunningQueueSystem } from '../queue-system.ts'
import { bullmqAlways, bullmqEverysec } from '../queues/bullmq.ts'
import { millraceNative } from '../queues/millrace.ts'
import { millraceSqs } from '../queues/millrace-sqs.ts'
import type { Scenario } from '../scenario.ts'

const bytes = 200
const outstanding = 1_000
const oneCase = `${bytes} B, ${outstanding.toLocaleString('en-US')} outstanding`
const systems: readonly QueueSystem[] = [millraceNative, millraceSqs, bullmqAlways, bullmqEverysec]
let queues = 0

/** What a worker queue is for: a message is sent, received, handled and deleted, and only then makes room for the next. */
export const queueCycles: Scenario = {
  name: 'queue-cycles',
  about: 'send + receive + delete, natively and on the SQS wire, beside BullMQ',
  rivals: ['bullmq-always', 'bullmq-everysec'],
  targets: [
    {
      what: 'queue send+receive+delete through the native client, beside BullMQ on Redis with appendfsync always',
      case: oneCase,
      metric: 'cycles',
      against: 'bullmq-always',
      atLeast: 3,
    },
  ],
  async run(bench) {
    await bench.withDirectory(async (directory) => {
      const running = await startAll(bench, directory)
      try {
        await bench.compare(
          oneCase,
          running.map((system) => cycling(system, bench.size(3_000, 200))),
        )
      } finally {
        for (const system of running) await system[Symbol.asyncDispose]()
      }
    })
  },
}

async function startAll(bench: Bench, directory: string): Promise<RunningQueueSystem[]> {
  const running: RunningQueueSystem[] = []
  for (const system of systems) {
    const wanted = bench.options.rivals
    const own = system.name.startsWith('millrace')
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

function cycling(system: RunningQueueSystem, millis: number): Contestant {
  return {
    name: system.name,
    measure: async () => {
      const data = payloads(bytes)
      let sent = 0
      let done = 0
      let more: () => void = () => undefined
      const queue = await system.queue(`bench-${process.pid}-${queues++}`, () => {
        done++
        more()
      })
      try {
        return await withCpu(system.server, async () => {
          const started = performance.now()
          await new Promise<void>((resolve, reject) => {
            more = () => {
              const over = performance.now() - started >= millis
              if (over && done === sent) resolve()
              while (!over && sent - done < outstanding)
                queue.send(data[sent++ % data.length] as Uint8Array).catch(reject)
            }
            more()
          })
          const seconds = (performance.now() - started) / 1000
          return [{ metric: 'cycles', unit: 'op/s', value: done / seconds }] satisfies Sample[]
        })
      } finally {
        await queue[Symbol.asyncDispose]()
      }
    },
  }
}
