import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bench, Contestant, Sample } from '../bench.ts'
import { millrace } from '../millrace.ts'
import type { Scenario } from '../scenario.ts'
import type { ServerProcess } from '../server-process.ts'
import type { System } from '../system.ts'

const emptyCase = 'an empty store'

/** What a broker costs that does nothing: how soon it is there, and what it holds. */
export const processCost: Scenario = {
  name: 'process',
  about: 'a start on an empty store: time until ready, memory and CPU when idle',
  rivals: ['nats', 'redis-always'],
  targets: [
    { what: 'ready on an empty store, ms', case: emptyCase, metric: 'ready', atMost: 300 },
    { what: 'idle, MiB resident', case: emptyCase, metric: 'resident memory', atMost: 90 },
  ],
  async run(bench) {
    const systems = [millrace, ...(await bench.presentRivals())]
    await bench.compare(
      emptyCase,
      systems.map((system) => starting(bench, system)),
    )
  },
}

function starting(bench: Bench, system: System): Contestant {
  return {
    name: system.name,
    measure: () =>
      bench.withDirectory(async (directory) => {
        const data = join(directory, 'data')
        await mkdir(data)
        const running = await system.start(data)
        try {
          return await idle(running.server, bench.size(5_000, 100))
        } finally {
          await running[Symbol.asyncDispose]()
        }
      }),
  }
}

async function idle(server: ServerProcess, millis: number): Promise<Sample[]> {
  const before = server.usage()
  await new Promise((resolve) => setTimeout(resolve, millis))
  const after = server.usage()
  const ready: Sample = { metric: 'ready', unit: 'ms', value: server.readyMillis }
  if (before === undefined || after === undefined) return [ready]
  const percent = (100 * (after.cpuSeconds - before.cpuSeconds)) / (millis / 1000)
  return [
    ready,
    { metric: 'resident memory', unit: 'MiB', value: after.residentBytes / 1024 ** 2 },
    { metric: 'anonymous memory', unit: 'MiB', value: after.anonymousBytes / 1024 ** 2 },
    { metric: 'CPU when idle', unit: '% of a core', value: percent },
  ]
}
