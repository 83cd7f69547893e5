import { crc32 } from '#crc32'
import { readU64, viewOf, writeU64 } from '../wire/u64.ts'
import { EntryTable, entryBytes } from './entry-table.ts'

/** What a sealed segment holds of one shard. */
export interface SegmentHead {
  readonly stream: number
  readonly shard: number
  /** Sequence of the shard's first record in the segment, and of the first one behind it. */
  readonly first: number
  readonly next: number
  readonly firstTime: number
  readonly lastTime: number
  readonly bytes: number
}

const headBytes = 48
const rowBytes = 16
/** Of an index: u32 CRC, u32 count of shards. */
const indexHeaderBytes = 8

/** Packs heads, for the table: all that a start and a retention pass need to know of a sealed segment. */
export function packHeads(heads: readonly SegmentHead[]): Uint8Array {
  const bytes = new Uint8Array(heads.length * headBytes)
  const view = viewOf(bytes)
  for (const [i, head] of heads.entries()) {
    const at = i * headBytes
    view.setUint32(at, head.stream)
    view.setUint32(at + 4, head.shard)
    writeU64(view, at + 8, head.first)
    writeU64(view, at + 16, head.next)
    writeU64(view, at + 24, head.firstTime)
    writeU64(view, at + 32, head.lastTime)
    writeU64(view, at + 40, head.bytes)
  }
  return bytes
}

/** Reads what `packHeads` wrote. */
export function unpackHeads(bytes: Uint8Array): SegmentHead[] {
  const view = viewOf(bytes)
  return Array.from({ length: Math.floor(bytes.length / headBytes) }, (_, i) => {
    const at = i * headBytes
    return {
      stream: view.getUint32(at),
      shard: view.getUint32(at + 4),
      first: readU64(view, at + 8),
      next: readU64(view, at + 16),
      firstTime: readU64(view, at + 24),
      lastTime: readU64(view, at + 32),
      bytes: readU64(view, at + 40),
    }
  })
}

/**
 * Packs a segment's index: u32 CRC-32 of the rest; u32 count of shards; for each, in order of (stream, shard): u32 stream, u32
 * shard, u32 first entry, u32 count of entries; then all the entries (see entry-table.ts).
 */
export function packIndex(tables: readonly { stream: number; shard: number; entries: Uint8Array }[]): Uint8Array {
  const sorted = [...tables].sort((a, b) => a.stream - b.stream || a.shard - b.shard)
  const total = sorted.reduce((sum, each) => sum + each.entries.length, 0)
  const bytes = new Uint8Array(indexHeaderBytes + sorted.length * rowBytes + total)
  const view = viewOf(bytes)
  view.setUint32(4, sorted.length)
  let entry = 0
  let at = indexHeaderBytes + sorted.length * rowBytes
  for (const [i, each] of sorted.entries()) {
    const row = indexHeaderBytes + i * rowBytes
    const count = each.entries.length / entryBytes
    view.setUint32(row, each.stream)
    view.setUint32(row + 4, each.shard)
    view.setUint32(row + 8, entry)
    view.setUint32(row + 12, count)
    bytes.set(each.entries, at)
    at += each.entries.length
    entry += count
  }
  view.setUint32(0, crc32(bytes.subarray(4)))
  return bytes
}

/** Whether an index is as it was packed: a changed bit in it would send readers to other records than theirs. */
export function indexIntact(index: Uint8Array): boolean {
  return index.length >= indexHeaderBytes && viewOf(index).getUint32(0) === crc32(index.subarray(4))
}

/** The entries of one shard in an intact index: a window on it. Empty when the segment holds nothing of the shard. */
export function tableIn(index: Uint8Array, stream: number, shard: number): EntryTable {
  const view = viewOf(index)
  const shards = view.getUint32(4)
  let low = 0
  let high = shards
  while (low < high) {
    const middle = (low + high) >> 1
    const row = indexHeaderBytes + middle * rowBytes
    const order = view.getUint32(row) - stream || view.getUint32(row + 4) - shard
    if (order < 0) low = middle + 1
    else high = middle
  }
  const row = indexHeaderBytes + low * rowBytes
  if (low === shards || view.getUint32(row) !== stream || view.getUint32(row + 4) !== shard) {
    return new EntryTable(new Uint8Array(0))
  }
  const start = indexHeaderBytes + shards * rowBytes + view.getUint32(row + 8) * entryBytes
  return new EntryTable(index.subarray(start, start + view.getUint32(row + 12) * entryBytes))
}
