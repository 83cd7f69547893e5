import { type AppendLoad, appending } from '../append-load.ts'
import type { Contestant, Sample } from '../bench.ts'
import { appendToFile } from '../disk.ts'
import type { RunningMillrace } from '../millrace.ts'
import type { Scenario } from '../scenario.ts'

const burst = 500
const bursts = 32

/** Lists of records, as who moves data in bulk has them, beside a bare file that gets as much for each flush. Rivals whose client takes no lists get each one's records in one turn. */
export const appendBatch: Scenario = {
  name: 'append-batch',
  about: `one producer, lists of ${burst} records, ${bursts} such lists in flight`,
  rivals: ['nats', 'redis-always', 'redis-everysec'],
  targets: [
    { what: 'append, batched, 128 B records a second', case: '128 B', metric: 'acknowledged', atLeast: 1e6 },
    {
      what: 'append, batched, 1 KiB, beside a bare append and fdatasync of as many bytes',
      case: '1 KiB',
      metric: 'acknowledged data',
      against: 'file',
      atLeast: 0.7,
    },
  ],
  async run(bench) {
    await bench.withSystems(async (systems, millrace) => {
      bench.introduce({
        name: 'file',
        version: `node ${process.versions.node}`,
        durability: 'write and fdatasync of as many bytes as one commit of millrace had on average, one at a time',
      })
      await bench.withDirectory(async (directory) => {
        for (const bytes of [128, 1024]) {
          const load = { bytes, inFlight: burst * bursts, burst, millis: bench.size(3_000, 100) }
          let commitBytes = bytes
          const own = counting(millrace, load, (mean) => {
            commitBytes = mean
          })
          const others = systems.slice(1).map((system) => appending(system, load))
          const file = { name: 'file', measure: () => bare(directory, commitBytes, load.millis) }
          await bench.compare(bytes === 1024 ? '1 KiB' : '128 B', [own, ...others, file])
        }
      })
    })
  },
}

/** Ours, which says beside its figures how many bytes of records a commit had on average. */
function counting(millrace: RunningMillrace, load: AppendLoad, hear: (mean: number) => void): Contestant {
  let records = 0
  const contestant = appending(millrace, {
    ...load,
    hear: (result) => {
      records = result.records
    },
  })
  return {
    name: contestant.name,
    async measure() {
      const before = await millrace.commits()
      const samples = await contestant.measure()
      const commits = (await millrace.commits()) - before
      const mean = Math.ceil((records * load.bytes) / commits)
      hear(mean)
      return [...samples, { metric: 'records of a commit', unit: 'KiB', value: mean / 1024 }]
    },
  }
}

async function bare(directory: string, bytes: number, millis: number): Promise<Sample[]> {
  const samples = await appendToFile({ directory, bytes, millis, bytesMax: 4e9 })
  return samples
    .filter(({ metric }) => metric === 'appended')
    .map((sample) => ({ ...sample, metric: 'acknowledged data' }))
}
