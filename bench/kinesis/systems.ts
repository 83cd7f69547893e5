import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bench } from '../bench.ts'
import type { FetchedPackage } from '../fetched-package.ts'
import { millrace } from '../millrace.ts'
import { ServerProcess } from '../server-process.ts'
import { kinesalite } from './kinesalite.ts'
import { kinesisLocal } from './kinesis-local.ts'
import { RunningKinesis } from './running-kinesis.ts'

/** A rival that speaks Kinesis, and comes from npm when it is asked for. */
export interface KinesisRival {
  readonly name: string
  /** What it promises of what it acknowledged, as it is run here. */
  readonly durability: string
  readonly package: FetchedPackage
  /** Starts it in a process of its own. */
  start(): Promise<RunningKinesis>
}

const rivals: readonly KinesisRival[] = [kinesalite, kinesisLocal]

/** What a scenario says that it can be measured beside. */
export const kinesisRivals = rivals.map(({ name }) => name)

/** What the ceiling's figures are filed under. */
export const emptyName = 'empty server'

/** Starts ours, the wanted rivals, and with `ceiling` a server that does nothing, for `use`. Ours comes first. */
export async function withKinesis(
  bench: Bench,
  { ceiling }: { readonly ceiling: boolean },
  use: (running: readonly RunningKinesis[]) => Promise<void>,
): Promise<void> {
  await bench.withDirectory(async (directory) => {
    const running: RunningKinesis[] = []
    try {
      running.push(await startOurs(bench, join(directory, millrace.name)))
      for (const rival of rivals) running.push(...(await startRival(bench, rival)))
      if (ceiling) running.push(await startEmpty(bench))
      await use(running)
    } finally {
      for (const each of running) await each[Symbol.asyncDispose]()
    }
  })
}

async function startOurs(bench: Bench, data: string): Promise<RunningKinesis> {
  bench.introduce({ name: millrace.name, version: await millrace.version(), durability: millrace.durability })
  await mkdir(data, { recursive: true })
  const own = await bench.startMillrace(data)
  const { said: endpoint } = own.server
  return new RunningKinesis({
    name: own.name,
    server: own.server,
    endpoints: { 'HTTP/1.1': endpoint, 'HTTP/2': endpoint },
    stop: () => own[Symbol.asyncDispose](),
  })
}

/** The rival if it is wanted and there; those that are asked for by name are fetched. */
async function startRival(bench: Bench, rival: KinesisRival): Promise<RunningKinesis[]> {
  const { name, durability } = rival
  const wanted = bench.options.rivals
  if (wanted !== undefined && !wanted.includes(name)) return []
  try {
    await rival.package.require(wanted !== undefined)
    bench.introduce({ name, version: `${name} ${rival.package.version}`, durability })
    return [await rival.start()]
  } catch (error) {
    bench.absent.push({ name, reason: (error as Error).message })
    return []
  }
}

async function startEmpty(bench: Bench): Promise<RunningKinesis> {
  bench.introduce({
    name: emptyName,
    version: `node ${process.versions.node}`,
    durability: 'the ceiling: a bare HTTP server that reads each request and answers {}, whatever it says',
  })
  const server = await ServerProcess.start({
    name: emptyName,
    command: process.execPath,
    args: [fileURLToPath(new URL('./empty-server.js', import.meta.url))],
    ready: /empty servers at (\d+ \d+)/,
  })
  const [one, two] = server.said.split(' ')
  const endpoints = { 'HTTP/1.1': `http://127.0.0.1:${one}`, 'HTTP/2': `http://127.0.0.1:${two}` }
  return new RunningKinesis({ name: emptyName, server, endpoints, reads: false, pushes: false })
}
