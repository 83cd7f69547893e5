import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bench, Contestant, Sample } from '../bench.ts'
import { millrace } from '../millrace.ts'
import type { Scenario } from '../scenario.ts'
import { ServerProcess } from '../server-process.ts'

const emptyCase = 'an empty store'
const bareName = 'bare node'

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
    bench.introduce({
      name: bareName,
      version: `node ${process.versions.node}`,
      durability: 'a bare node:http server, which is what there is before there is any program',
    })
    await bench.compare(emptyCase, [
      ...systems.map((system) => starting(bench, system.name, (data) => system.start(data))),
      starting(bench, bareName, startBare),
    ])
  },
}

interface Running extends AsyncDisposable {
  readonly server: ServerProcess
}

function starting(bench: Bench, name: string, start: (data: string) => Promise<Running>): Contestant {
  return {
    name,
    measure: () =>
      bench.withDirectory(async (directory) => {
        const data = join(directory, 'data')
        await mkdir(data)
        const running = await start(data)
        try {
          return await idle(running.server, bench.size(5_000, 100))
        } finally {
          await running[Symbol.asyncDispose]()
        }
      }),
  }
}

async function startBare(): Promise<Running> {
  const program = "require('node:http').createServer().listen(0, '127.0.0.1', () => console.log('ready at once'))"
  const server = await ServerProcess.start({
    name: bareName,
    command: process.execPath,
    args: ['--eval', program],
    ready: /ready at (\S+)/,
  })
  return { server, [Symbol.asyncDispose]: () => server.stop() }
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
