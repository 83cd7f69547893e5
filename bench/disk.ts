import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { open as openLmdb, type RootDatabase } from 'lmdb'
import type { Sample } from './bench.ts'
import { Latency } from './latency.ts'

/** Appends to a store of some kind; resolves when the bytes are on disk. */
type Append = (bytes: Buffer) => Promise<void>

export interface DiskLoad {
  readonly directory: string
  /** Bytes of each append, each of which is flushed before the next. */
  readonly bytes: number
  /** Ends after this time or this many bytes, whichever comes first. */
  readonly millis: number
  readonly bytesMax: number
}

/** A bare file: write, fdatasync, and again. What durable appending can reach at best. */
export async function appendToFile(load: DiskLoad): Promise<Sample[]> {
  const file = await open(join(load.directory, `bare-${crypto.randomUUID()}`), 'a')
  try {
    return await measure(load, async (bytes) => {
      await file.write(bytes)
      await file.datasync()
    })
  } finally {
    await file.close()
  }
}

/** A bare LMDB environment as our store opens it: one transaction and one flush for each append. */
export async function appendToLmdb(load: DiskLoad): Promise<Sample[]> {
  const database: RootDatabase<Buffer, number> = openLmdb({
    path: join(load.directory, `bare-${crypto.randomUUID()}.mdb`),
    noSubdir: true,
    encoding: 'binary',
    keyEncoding: 'uint32',
    mapSize: 2 * load.bytesMax + 64 * 1024 * 1024,
    overlappingSync: false,
    eventTurnBatching: false,
    cache: false,
  })
  const put = database.put as (key: number, value: Buffer, flags: { append: true }) => Promise<boolean>
  let key = 0
  try {
    return await measure(load, async (bytes) => {
      await put.call(database, key++, bytes, { append: true })
    })
  } finally {
    await database.close()
  }
}

async function measure({ bytes, millis, bytesMax }: DiskLoad, append: Append): Promise<Sample[]> {
  const data = Buffer.alloc(bytes, 7)
  const latency = new Latency()
  const started = performance.now()
  let now = started
  while (now - started < millis && latency.count * bytes < bytesMax) {
    await append(data)
    const done = performance.now()
    latency.record(done - now)
    now = done
  }
  const seconds = (now - started) / 1000
  return [
    { metric: 'appended', unit: 'MB/s', value: (latency.count * bytes) / seconds / 1e6 },
    { metric: 'appends', unit: 'op/s', value: latency.count / seconds },
    { metric: 'append p50', unit: 'ms', value: latency.at(50) },
    { metric: 'append p99', unit: 'ms', value: latency.at(99) },
  ]
}
