import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { WebSocket } from 'ws'
import { type Bench, type Contestant, type Sample, withCpu } from '../bench.ts'
import { Latency } from '../latency.ts'
import type { Scenario } from '../scenario.ts'
import { ServerProcess } from '../server-process.ts'
import { SocketCrowd } from '../socket-crowd.ts'

const counts = [1, 100, 1_000, 10_000] as const
const recordBytes = 200
const bareName = 'bare ws'
const delivered = 'delivered'

/** One record after another to more and more sockets, each only when the one before has reached the last of them. */
export const sockets: Scenario = {
  name: 'sockets',
  about:
    'one record after another to 1, 100, 1,000 and 10,000 WebSockets, beside a bare ws server that sends from memory',
  rivals: [],
  targets: [1_000, 10_000].map((count) => ({
    what: `one record to ${nameOf(count)}, beside a bare ws server`,
    case: nameOf(count),
    metric: delivered,
    against: bareName,
    atLeast: 0.8,
  })),
  async run(bench) {
    const version = `ws, node ${process.versions.node}`
    bench.introduce({ name: bareName, version, durability: 'sends from memory: nothing is stored' })
    await bench.presentRivals()
    for (const count of counts) {
      const sockets = bench.size(count, Math.min(count, 20))
      await bench.compare(nameOf(count), [throughBroker(bench, sockets), throughBareServer(bench, sockets)])
    }
  },
}

function nameOf(count: number): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? 'socket' : 'sockets'}`
}

function throughBroker(bench: Bench, count: number): Contestant {
  const measure = () =>
    bench.withDirectory(async (directory) => {
      await using millrace = await bench.startMillrace(join(directory, 'data'))
      const stream = await millrace.stream('crowd')
      await using producer = await stream.producer()
      const data = new Uint8Array(recordBytes)
      await producer.put('k', data)
      const joining = (crowd: SocketCrowd) =>
        crowd.subscribe(millrace.server.said.replace('http', 'ws'), 'crowd', count)
      return await crowded(bench, millrace.server, count, joining, () => producer.put('k', data))
    })
  return { name: 'millrace', measure }
}

function throughBareServer(bench: Bench, count: number): Contestant {
  const measure = async () => {
    const server = await ServerProcess.start({
      name: 'broadcast server',
      command: process.execPath,
      args: [fileURLToPath(new URL('../broadcast-server.js', import.meta.url))],
      ready: /broadcast at (\S+)/,
    })
    const producer = new WebSocket(server.said, { perMessageDeflate: false })
    try {
      await new Promise((resolve, reject) => producer.once('open', resolve).once('error', reject))
      const data = Buffer.alloc(recordBytes)
      return await crowded(
        bench,
        server,
        count,
        (crowd) => crowd.join(server.said, count),
        async () => producer.send(data),
      )
    } finally {
      producer.terminate()
      await server.stop()
    }
  }
  return { name: bareName, measure }
}

/** Figures of a crowd that `join`s, while `put` sends one record. */
async function crowded(
  bench: Bench,
  server: ServerProcess,
  count: number,
  join: (crowd: SocketCrowd) => Promise<void>,
  put: () => Promise<unknown>,
): Promise<Sample[]> {
  const records = bench.size(Math.min(5_000, Math.ceil(400_000 / count)), 5)
  const crowd = new SocketCrowd()
  const before = server.usage()
  try {
    await join(crowd)
    const joined = server.usage()
    const latency = new Latency()
    const load = async (): Promise<Sample[]> => {
      const started = performance.now()
      for (let i = 1; i <= records; i++) {
        const sent = performance.now()
        await Promise.all([put(), crowd.hears(crowd.heard + count)])
        latency.record(performance.now() - sent)
      }
      const seconds = (performance.now() - started) / 1000
      return [
        { metric: delivered, unit: 'records/s', value: (records * count) / seconds },
        ...latency.samples('to the last'),
      ]
    }
    const samples = await withCpu(server, load, () => records * count)
    if (before === undefined || joined === undefined) return samples
    const each = (joined.anonymousBytes - before.anonymousBytes) / count / 1024
    return [...samples, { metric: 'memory of each', unit: 'KiB', value: each }]
  } finally {
    await crowd.close()
  }
}
