import type { TableChange } from '../store/store.ts'
import { viewOf, writeU64 } from '../wire/u64.ts'
import { GrowingEntryTable } from './entry-table.ts'
import { snapshotKey } from './journal.ts'
import type { Logs } from './logs.ts'
import { packWindows } from './producer-windows.ts'
import { packHeads, packIndex, type SegmentHead } from './segment-index.ts'
import type { Shard } from './shard.ts'

/** What the catalog's keys for heads begin with. */
export const headsPrefix = 'segment/'

/** The catalog's key for a segment's heads. */
export function headsKey(segment: number): string {
  return headsPrefix + String(segment).padStart(16, '0')
}

/** The catalog's key for where every shard stood at the last seal, retention or not. */
export const positionsKey = 'positions'

/** The catalog's key for the producers' windows at a seal: u64 the first commit they do not cover, then the windows. */
export const producersKey = 'producers'

/**
 * Seals the open segment, while nothing is being written. The catalog gets its part first: after a crash between the two, a
 * start finds snapshots and windows that already cover what it scans, positions of the segment's end, and heads of a segment that
 * is still open, which say where each shard stood at its beginning.
 */
export async function sealSegment(logs: Logs): Promise<void> {
  const segment = logs.store.openSegment()
  const shards = [...logs.logs.values()].flatMap((log) => [...log.shards.values()])
  const written = shards.filter((shard) => shard.entries.count > 0)
  const heads = written.flatMap((shard) => shard.openHead() ?? [])
  const changes: TableChange[] = [{ key: headsKey(segment.first), value: packHeads(heads) }]
  for (const owner of logs.owners) {
    changes.push({ key: snapshotKey(owner.number), value: withNumber(segment.end, owner.snapshot()) })
  }
  changes.push({ key: positionsKey, value: packHeads(shards.map(positionOf)) })
  changes.push({ key: producersKey, value: withNumber(segment.end, packWindows(shards)) })
  await logs.store.put(changes)
  const tables = written.map(({ stream, number, entries }) => ({ stream, shard: number, entries: entries.bytes() }))
  await logs.store.seal(packIndex(tables))
  for (const [i, shard] of written.entries()) {
    const head = heads[i]
    if (head !== undefined) shard.sealed.push({ ...head, segment: segment.first })
    shard.entries = new GrowingEntryTable()
    shard.openBytes = 0
  }
}

function positionOf({ stream, number: shard, first, next, lastTime }: Shard): SegmentHead {
  return { stream, shard, first, next, firstTime: 0, lastTime, bytes: 0 }
}

function withNumber(number: number, bytes: Uint8Array): Uint8Array {
  const all = new Uint8Array(8 + bytes.length)
  writeU64(viewOf(all), 0, number)
  all.set(bytes, 8)
  return all
}
