import { type Contestant, type Sample, withCpu } from './bench.ts'
import { type ClosedLoop, closedLoop, type LoopResult } from './load.ts'
import type { BenchStream, RunningSystem } from './system.ts'

export type AppendLoad = Omit<ClosedLoop, 'producer'> & {
  readonly shards?: number
  /** Hears of each turn's totals. */
  readonly hear?: (result: LoopResult) => void
}

let streams = 0

/** Gives `use` a new stream of `system`, and deletes it afterwards. */
export async function withStream<T>(
  system: RunningSystem,
  shards: number,
  use: (stream: BenchStream) => Promise<T>,
): Promise<T> {
  const stream = await system.stream(`bench-${process.pid}-${streams++}`, shards)
  try {
    return await use(stream)
  } finally {
    await stream.delete()
  }
}

/** Appends to a new stream of `system`: records and bytes acknowledged a second, and what that took. */
export function appending(system: RunningSystem, load: AppendLoad, name = system.name): Contestant {
  return {
    name,
    measure: () =>
      withStream(system, load.shards ?? 1, async (stream) => {
        const producer = await stream.producer()
        try {
          let records = 0
          const run = async () => {
            const result = await closedLoop({ ...load, producer })
            records = result.records
            load.hear?.(result)
            return rates(load.bytes, result)
          }
          return await withCpu(system.server, run, () => records)
        } finally {
          await producer[Symbol.asyncDispose]()
        }
      }),
  }
}

function rates(bytes: number, { records, seconds }: LoopResult): Sample[] {
  return [
    { metric: 'acknowledged', unit: 'records/s', value: records / seconds },
    { metric: 'acknowledged data', unit: 'MB/s', value: (records * bytes) / seconds / 1e6 },
  ]
}
