import { readU64, viewOf, writeU64 } from '../wire/u64.ts'
import type { MoveTaskRecord } from './queue-task.ts'

/**
 * The journal entries of queues. All integers big-endian; u8 kind, u32 number of the queue's log, then
 *
 *     1 lease   rows of 36 bytes: u64 identity, u32 receive count, u64 visible at, u64 first received, u64 last received
 *     2 gone    u64 identities
 *     3 floor   u64 sequence, u8 1 for a purge
 *     4 task    JSON: a move task
 */
export type QueueEntry =
  | { readonly kind: 'lease'; readonly rows: readonly LeaseRow[] }
  | { readonly kind: 'gone'; readonly identities: readonly number[] }
  | { readonly kind: 'floor'; readonly sequence: number; readonly purge: boolean }
  | { readonly kind: 'task'; readonly task: MoveTaskRecord }

/** Who holds a message until when; absolute values, so that it can be applied twice. */
export interface LeaseRow {
  readonly identity: number
  readonly count: number
  readonly visibleAt: number
  readonly firstReceivedAt: number
  readonly lastReceivedAt: number
}

export const leaseRowBytes = 36
const headBytes = 5

export function writeLeaseRow(view: DataView, at: number, row: LeaseRow): void {
  writeU64(view, at, row.identity)
  view.setUint32(at + 8, row.count)
  writeU64(view, at + 12, row.visibleAt)
  writeU64(view, at + 20, row.firstReceivedAt)
  writeU64(view, at + 28, row.lastReceivedAt)
}

export function readLeaseRow(view: DataView, at: number): LeaseRow {
  return {
    identity: readU64(view, at),
    count: view.getUint32(at + 8),
    visibleAt: readU64(view, at + 12),
    firstReceivedAt: readU64(view, at + 20),
    lastReceivedAt: readU64(view, at + 28),
  }
}

/** An entry of the queue whose log is `queue`. */
export function packEntry(queue: number, entry: QueueEntry): Uint8Array {
  switch (entry.kind) {
    case 'lease': {
      const { bytes, view } = begin(1, queue, entry.rows.length * leaseRowBytes)
      for (const [i, row] of entry.rows.entries()) writeLeaseRow(view, headBytes + i * leaseRowBytes, row)
      return bytes
    }
    case 'gone': {
      const { bytes, view } = begin(2, queue, entry.identities.length * 8)
      for (const [i, identity] of entry.identities.entries()) writeU64(view, headBytes + i * 8, identity)
      return bytes
    }
    case 'floor': {
      const { bytes, view } = begin(3, queue, 9)
      writeU64(view, headBytes, entry.sequence)
      view.setUint8(headBytes + 8, entry.purge ? 1 : 0)
      return bytes
    }
    case 'task': {
      const json = new TextEncoder().encode(JSON.stringify(entry.task))
      const { bytes } = begin(4, queue, json.length)
      bytes.set(json, headBytes)
      return bytes
    }
  }
}

/** Reads what `packEntry` wrote; undefined for a kind this version does not know. */
export function unpackEntry(bytes: Uint8Array): { queue: number; entry: QueueEntry | undefined } {
  const view = viewOf(bytes)
  const queue = view.getUint32(1)
  return { queue, entry: unpackBody(view.getUint8(0), view, bytes) }
}

function unpackBody(kind: number, view: DataView, bytes: Uint8Array): QueueEntry | undefined {
  if (kind === 1) {
    const rows: LeaseRow[] = []
    for (let at = headBytes; at < bytes.length; at += leaseRowBytes) rows.push(readLeaseRow(view, at))
    return { kind: 'lease', rows }
  }
  if (kind === 2) {
    const identities: number[] = []
    for (let at = headBytes; at < bytes.length; at += 8) identities.push(readU64(view, at))
    return { kind: 'gone', identities }
  }
  if (kind === 3) {
    return { kind: 'floor', sequence: readU64(view, headBytes), purge: view.getUint8(headBytes + 8) === 1 }
  }
  if (kind !== 4) return undefined
  return { kind: 'task', task: JSON.parse(new TextDecoder().decode(bytes.subarray(headBytes))) as MoveTaskRecord }
}

function begin(kind: number, queue: number, more: number): { bytes: Uint8Array; view: DataView } {
  const bytes = new Uint8Array(headBytes + more)
  const view = viewOf(bytes)
  view.setUint8(0, kind)
  view.setUint32(1, queue)
  return { bytes, view }
}
