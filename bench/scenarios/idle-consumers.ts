import { join } from 'node:path'
import { appending } from '../append-load.ts'
import type { Bench, Sample } from '../bench.ts'
import type { RunningMillrace } from '../millrace.ts'
import type { Scenario } from '../scenario.ts'
import type { Usage } from '../server-process.ts'

const counts = [1, 10, 100, 1_000]
const idleCase = 'idle consumers'

/** What consumers cost that wait on a quiet stream, by themselves and to who uses another stream meanwhile. */
export const idleConsumers: Scenario = {
  name: 'idle-consumers',
  about:
    '1, 10, 100 and 1,000 consumers that wait on a quiet stream: CPU, memory, and the throughput of another stream',
  rivals: [],
  targets: [
    {
      what: '1,000 idle consumers, % of a core',
      case: idleCase,
      metric: 'broker CPU while idle',
      of: nameOf(1_000),
      atMost: 3,
    },
    { what: 'an idle consumer, KiB', case: idleCase, metric: 'memory of each', of: nameOf(1_000), atMost: 25 },
    {
      what: 'append to another stream beside 1,000 idle consumers, beside one',
      case: idleCase,
      metric: 'acknowledged',
      of: nameOf(1_000),
      against: nameOf(1),
      atLeast: 0.8,
    },
  ],
  async run(bench) {
    for (const count of counts) {
      bench.introduce({
        name: nameOf(count),
        version: 'millrace, each with a connection of its own',
        durability: 'acknowledged when flushed',
      })
    }
    await bench.compare(
      idleCase,
      counts.map((count) => ({ name: nameOf(count), measure: () => measure(bench, count) })),
    )
  },
}

function nameOf(count: number): string {
  return `${count.toLocaleString('en-US')} idle`
}

/** With a broker of its own each time: a heap that grew once would hide what the next consumers take. */
function measure(bench: Bench, count: number): Promise<Sample[]> {
  return bench.withDirectory(async (directory) => {
    const millrace = await bench.startMillrace(join(directory, 'data'))
    try {
      return await measureOn(bench, millrace, count)
    } finally {
      await millrace[Symbol.asyncDispose]()
    }
  })
}

async function measureOn(bench: Bench, millrace: RunningMillrace, count: number): Promise<Sample[]> {
  const stream = await millrace.stream('quiet', 1)
  // The first consumer loads code and makes what all share; it is not one of those that are counted.
  const first = await stream.consume('start', () => undefined)
  await pause(bench.size(1_000, 50))
  const before = millrace.server.usage()
  const consumers = await Promise.all(Array.from({ length: count }, () => stream.consume('start', () => undefined)))
  try {
    await pause(bench.size(1_000, 50))
    const attached = millrace.server.usage()
    const idleMillis = bench.size(10_000, 100)
    await pause(idleMillis)
    const idled = millrace.server.usage()
    const load = { bytes: 128, inFlight: 16_000, burst: 500, millis: bench.size(2_000, 50) }
    const busy = await appending(millrace, load).measure()
    return [
      ...cost(count, idleMillis, before, attached, idled),
      ...busy.filter(({ metric }) => metric === 'acknowledged'),
    ]
  } finally {
    await Promise.all([first, ...consumers].map((each) => each[Symbol.asyncDispose]()))
  }
}

function cost(count: number, idleMillis: number, before?: Usage, attached?: Usage, idled?: Usage): Sample[] {
  if (before === undefined || attached === undefined || idled === undefined) return []
  const bytes = attached.anonymousBytes - before.anonymousBytes
  const cpuSeconds = idled.cpuSeconds - attached.cpuSeconds
  return [
    { metric: 'broker CPU while idle', unit: '% of a core', value: (100 * cpuSeconds) / (idleMillis / 1000) },
    { metric: 'memory of all', unit: 'MiB', value: bytes / 1024 ** 2 },
    { metric: 'memory of each', unit: 'KiB', value: bytes / 1024 / count },
  ]
}

function pause(millis: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, millis))
}
