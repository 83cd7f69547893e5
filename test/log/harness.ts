import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManualClock } from '../../broker/clock.ts'
import { type Limits, limits } from '../../broker/limits.ts'
import { Logs } from '../../broker/log/logs.ts'
import { QueueJournal } from '../../broker/modes/queue-journal.ts'
import { Queues } from '../../broker/modes/queues.ts'
import { Consumers } from '../../broker/modes/stream-consumers.ts'
import { Streams } from '../../broker/modes/streams.ts'
import { LmdbStore } from '../../broker/store/lmdb.ts'
import { MemoryStore } from '../../broker/store/memory.ts'
import type { Store } from '../../broker/store/store.ts'

/** The floors below the API, put together as the composition root does it, on a manual clock. */
export interface Floors {
  readonly store: Store
  readonly clock: ManualClock
  readonly consumers: Consumers
  readonly logs: Logs
  readonly streams: Streams
  readonly queues: Queues
  close(): Promise<void>
}

/** Opens the floors over `store`. */
export async function openFloors(
  store: Store,
  bounds: Partial<Limits> = {},
  clock = new ManualClock(),
): Promise<Floors> {
  const consumers = new Consumers()
  const all = { ...limits, ...bounds }
  const journal = await QueueJournal.open(store, all, clock)
  const logs = await Logs.open({ store, clock, limits: all, owners: [consumers, journal] })
  const streams = await Streams.open(logs, consumers)
  const queues = await Queues.open(logs, journal)
  const close = async () => {
    streams.close()
    queues.close()
    await logs.close()
    await store.close()
  }
  return { store, clock, consumers, logs, streams, queues, close }
}

/** Runs `body` with floors in memory and closes them. */
export async function inMemory(body: (floors: Floors) => Promise<void>, bounds: Partial<Limits> = {}): Promise<void> {
  const floors = await openFloors(new MemoryStore(), bounds)
  try {
    await body(floors)
  } finally {
    await floors.close()
  }
}

/** Runs `body` with a way to open floors on disk, again and again in the same directory, which is removed afterwards. */
export async function onDisk(
  body: (open: (bounds?: Partial<Limits>, clock?: ManualClock) => Promise<Floors>, path: string) => Promise<void>,
): Promise<void> {
  const path = await mkdtemp(join(tmpdir(), 'millrace-test-'))
  try {
    await body(async (bounds = {}, clock = new ManualClock()) => {
      const segmentBytes = bounds.segmentBytesMax ?? limits.segmentBytesMax
      return openFloors(await LmdbStore.open(path, { segmentBytes }), bounds, clock)
    }, path)
  } finally {
    await rm(path, { recursive: true, force: true })
  }
}
