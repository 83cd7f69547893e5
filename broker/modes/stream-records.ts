import type { Cursor } from '../log/cursor.ts'
import type { Log } from '../log/log.ts'
import type { Logs } from '../log/logs.ts'
import type { Settlement, Shard } from '../log/shard.ts'
import { blocksOf, checkBlockCrc, readBlockHeader } from '../wire/block.ts'
import { MillraceError } from '../wire/errors.ts'
import { framesOf } from '../wire/frame.ts'
import { hashOfInteger } from '../wire/hash-range.ts'
import { BlockWriter, BodyReader, checkBody, type RecordInput, type StoredRecord } from '../wire/record.ts'
import { viewOf } from '../wire/u64.ts'

/** A record to put; `hashKey` overrides the hash of the key. */
export interface PutRecord extends RecordInput {
  readonly hashKey?: bigint
}

/** Where a record that was put is. */
export interface PutResult {
  readonly shard: number
  readonly sequence: number
  readonly time: number
}

export interface ReadLimits {
  readonly recordsMax: number
  readonly bytesMax: number
}

/**
 * Checks a block as it came from outside, and appends it. Settles `settlement` once, now or when the block is durable.
 * The block's bytes must not change any more.
 */
export function appendBlock(logs: Logs, log: Log, shard: Shard, block: Uint8Array, settlement: Settlement): void {
  try {
    const header = readBlockHeader(viewOf(block))
    if (header.length !== block.length)
      throw new MillraceError('block_malformed', { reason: 'its length is not its size' })
    if (header.length > logs.limits.blockBytesMax) {
      throw new MillraceError('body_too_large', { limit: logs.limits.blockBytesMax })
    }
    checkBlockCrc(block, header)
    checkBody(block, header.count, log.settings.recordBytesMax)
    logs.committer.append(shard, { block, header, settlement })
  } catch (error) {
    settlement.failed(MillraceError.wrap(error))
  }
}

interface Batch {
  readonly shard: Shard
  readonly writer: BlockWriter
  places: number[]
}

/**
 * Appends records given one by one: those for one shard travel in one block. Resolves, in the order given, when all are
 * durable; each has its own outcome, since some shards may take theirs and others not.
 */
export async function putRecords(
  logs: Logs,
  log: Log,
  records: readonly PutRecord[],
): Promise<(PutResult | MillraceError)[]> {
  const results = new Array<PutResult | MillraceError>(records.length)
  const waiting: Promise<void>[] = []
  const batches = new Map<Shard, Batch>()
  for (const [place, record] of records.entries()) {
    const bytes = Buffer.byteLength(record.key) + record.data.length
    if (bytes > log.settings.recordBytesMax) {
      results[place] = new MillraceError('record_too_large', { bytes, limit: log.settings.recordBytesMax })
      continue
    }
    const shard =
      record.hashKey === undefined ? log.ofKey(record.key) : log.router.ofHash(hashOfInteger(record.hashKey))
    let batch = batches.get(shard)
    if (batch === undefined) {
      batch = { shard, writer: new BlockWriter(), places: [] }
      batches.set(shard, batch)
    }
    const full = batch.writer.full || batch.writer.bytes + bytes > blockBytesTarget
    if (batch.places.length > 0 && full) waiting.push(send(logs, log, batch, results))
    batch.writer.add(record.key, record.data, record.headers)
    batch.places.push(place)
  }
  for (const batch of batches.values()) if (batch.places.length > 0) waiting.push(send(logs, log, batch, results))
  await Promise.all(waiting)
  return results
}

/** A put's blocks are cut near this size, so that a reader of one record never has to take much more with it. */
const blockBytesTarget = 1024 * 1024

function send(logs: Logs, log: Log, batch: Batch, results: (PutResult | MillraceError)[]): Promise<void> {
  const { shard, places } = batch
  batch.places = []
  const block = batch.writer.finish(0, 0)
  return new Promise((resolve) => {
    appendBlock(logs, log, shard, block, {
      committed(base, time) {
        for (const [i, place] of places.entries()) results[place] = { shard: shard.number, sequence: base + i, time }
        resolve()
      },
      failed(error) {
        for (const place of places) results[place] = error
        resolve()
      },
    })
  })
}

/** Is shown a record: `reader` stands at it, and moves on afterwards. */
export type RecordVisitor = (reader: BodyReader, sequence: number, time: number) => void

/** The next records at `cursor`, which moves on behind them. Empty only at the end. */
export async function readRecords(cursor: Cursor, limits: ReadLimits): Promise<StoredRecord[]> {
  const records: StoredRecord[] = []
  await readEach(cursor, limits, (reader, sequence, time) => {
    records.push({ sequence, key: reader.key(), data: reader.data(), headers: reader.headers(), time })
  })
  return records
}

/** What one read of the store brings at most, while a page is filled. */
const pageReadBytes = 1024 * 1024

/** Shows the next records at `cursor`, within `limits`, to `visit`; the cursor moves on behind them. At least one, unless it is at the end. */
export async function readEach(cursor: Cursor, limits: ReadLimits, visit: RecordVisitor): Promise<void> {
  let left = limits.recordsMax
  let bytes = 0
  while (left > 0 && bytes < limits.bytesMax) {
    const from = cursor.position
    const frames = cursor.live() ?? (await cursor.read(Math.min(limits.bytesMax - bytes, pageReadBytes)))
    if (frames === undefined) return
    const end = visitRecords(frames, from, (reader, sequence, time) => {
      const size = reader.keyBytes + reader.dataBytes
      if (left === 0 || (bytes > 0 && bytes + size > limits.bytesMax)) return false
      left--
      bytes += Math.max(1, size)
      visit(reader, sequence, time)
      return true
    })
    if (end !== undefined) {
      cursor.position = end
      return
    }
  }
}

/**
 * Shows the records in `frames` from sequence `from` on to `visit`, until it returns false. Returns the sequence of the record that it did
 * not take; undefined when it took all.
 */
export function visitRecords(
  frames: Uint8Array,
  from: number,
  visit: (reader: BodyReader, sequence: number, time: number) => boolean,
): number | undefined {
  for (const { payload } of framesOf(frames)) {
    for (const { header, block } of blocksOf(payload)) {
      if (header.baseSequence + header.count <= from) continue
      const reader = new BodyReader(block)
      for (let i = 0; i < header.count; i++) {
        reader.next()
        const sequence = header.baseSequence + i
        if (sequence >= from && !visit(reader, sequence, header.appendTime)) return sequence
      }
    }
  }
  return undefined
}
