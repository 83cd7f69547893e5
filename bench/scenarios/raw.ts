import type { Bench } from '../bench.ts'
import { appendToFile, appendToLmdb, type DiskLoad } from '../disk.ts'
import { Pipe, pipeName } from '../pipe.ts'
import type { Scenario } from '../scenario.ts'

const appendBytes = [4, 64, 1024].map((kibibytes) => kibibytes * 1024)

/** What this machine can do at all; every other figure is to be read beside these. */
export const raw: Scenario = {
  name: 'raw',
  about: 'the machine itself: flushed appends to a bare file and to bare LMDB, and a bare HTTP/2 pipe',
  rivals: [],
  targets: [],
  async run(bench) {
    await appends(bench)
    await pipes(bench)
  },
}

async function appends(bench: Bench): Promise<void> {
  bench.introduce({
    name: 'file',
    version: `node ${process.versions.node}`,
    durability: 'write, fdatasync, one at a time',
  })
  bench.introduce({
    name: 'lmdb',
    version: 'the one our store uses',
    durability: 'one transaction and one flush for each append',
  })
  await bench.withDirectory(async (directory) => {
    for (const bytes of appendBytes) {
      const load: DiskLoad = {
        directory,
        bytes,
        millis: bench.size(2_000, 50),
        bytesMax: bench.size(512, 4) * 1024 * 1024,
      }
      await bench.compare(`append ${bytes / 1024} KiB`, [
        { name: 'file', measure: () => appendToFile(load) },
        { name: 'lmdb', measure: () => appendToLmdb(load) },
      ])
    }
  })
}

async function pipes(bench: Bench): Promise<void> {
  const pipe = await Pipe.start(bench)
  try {
    for (const streams of [1, 5, 20, 100]) {
      const bytes = Math.floor(bench.size(1_000_000_000, 4_000_000) / streams)
      const measure = async () => {
        const seconds = await pipe.run(streams, bytes)
        return [{ metric: 'delivered', unit: 'MB/s' as const, value: (bytes * streams) / seconds / 1e6 }]
      }
      await bench.compare(`${streams} ${streams === 1 ? 'stream' : 'streams'}`, [{ name: pipeName, measure }])
    }
  } finally {
    await pipe[Symbol.asyncDispose]()
  }
}
