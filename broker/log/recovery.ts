import { blocksOf } from '../wire/block.ts'
import { MillraceError } from '../wire/errors.ts'
import { type Frame, frameIntact, framesOf, frameTypes } from '../wire/frame.ts'
import { readU64, viewOf } from '../wire/u64.ts'
import { type JournalOwner, ownerOf, snapshotKey } from './journal.ts'
import type { Logs } from './logs.ts'
import { unpackWindows } from './producer-windows.ts'
import { headsKey, positionsKey, producersKey } from './sealing.ts'
import { unpackHeads } from './segment-index.ts'
import type { Shard } from './shard.ts'

/**
 * Brings the logs to where they were: sealed segments are known by their heads, in the catalog, and only the open one is
 * read, once, with every checksum verified.
 * @throws store_corrupt
 */
export async function recover(logs: Logs): Promise<void> {
  await takeUpHeads(logs)
  const producers = (await logs.store.entries(producersKey))[0]
  if (producers !== undefined) unpackWindows(producers.value, (stream, shard) => shardOf(logs, stream, shard))
  const covered = await restoreOwners(logs)
  const open = logs.store.openSegment()
  const from = Math.min(open.first, ...covered.values())
  for await (const { number, value } of logs.store.scan(from)) {
    let offset = 0
    for (const frame of framesOf(value)) {
      if (!frameIntact(frame)) throw damaged(number, 'its checksum does not match')
      if (frame.type === frameTypes.blocks) {
        if (number >= open.first) takeUpRun(logs, number, offset, frame)
        handToOwner(logs, covered, number, frame)
      }
      if (frame.type === frameTypes.journal) takeUpEntry(logs.owners, covered, number, frame)
      offset += frame.bytes.length
    }
  }
}

async function takeUpHeads(logs: Logs): Promise<void> {
  const positions = (await logs.store.entries(positionsKey))[0]
  for (const position of positions === undefined ? [] : unpackHeads(positions.value)) {
    const shard = shardOf(logs, position.stream, position.shard)
    if (shard === undefined) continue
    shard.next = position.next
    shard.lastTime = position.lastTime
    logs.committer.lastTime = position.lastTime
  }
  const packed = new Map((await logs.store.entries('segment/')).map(({ key, value }) => [key, value]))
  goBack(logs, packed.get(headsKey(logs.store.openSegment().first)))
  for (const segment of logs.store.segments()) {
    if (!segment.sealed) continue
    const heads = packed.get(headsKey(segment.first))
    if (heads === undefined) throw damaged(segment.first, 'the catalog does not know its segment')
    for (const head of unpackHeads(heads)) {
      const shard = shardOf(logs, head.stream, head.shard)
      if (shard === undefined) continue
      shard.sealed.push({ ...head, segment: segment.first })
    }
  }
  for (const log of logs.logs.values()) {
    for (const shard of log.shards.values()) shard.first = shard.sealed[0]?.first ?? shard.next
  }
}

/**
 * A crash may come when the catalog has its part of sealing a segment and the segment is still open. Then the positions lie behind what
 * is scanned next; the heads say where it began.
 */
function goBack(logs: Logs, heads: Uint8Array | undefined): void {
  for (const head of heads === undefined ? [] : unpackHeads(heads)) {
    const shard = shardOf(logs, head.stream, head.shard)
    if (shard !== undefined) shard.next = head.first
  }
}

/** Hands each owner its snapshot; returns for each the first commit whose entries it has not seen. */
async function restoreOwners(logs: Logs): Promise<Map<number, number>> {
  const covered = new Map<number, number>()
  for (const owner of logs.owners) {
    const entry = (await logs.store.entries(snapshotKey(owner.number)))[0]
    covered.set(owner.number, entry === undefined ? 0 : readU64(viewOf(entry.value), 0))
    if (entry !== undefined) owner.restore(entry.value.subarray(8))
  }
  return covered
}

function takeUpRun(logs: Logs, commit: number, offset: number, frame: Frame): void {
  const shard = shardOf(logs, frame.stream, frame.shard)
  if (shard === undefined) return
  let first: { baseSequence: number; appendTime: number } | undefined
  for (const { header } of blocksOf(frame.payload)) {
    if (header.baseSequence !== shard.next) {
      throw damaged(commit, `shard ${shard.number} continues at ${header.baseSequence} instead of ${shard.next}`)
    }
    first ??= header
    shard.producers.committed(header.producerId, header.producerSequence, header.baseSequence, header.appendTime)
    shard.next += header.count
  }
  if (first === undefined) throw damaged(commit, 'a run without blocks')
  const { baseSequence: base, appendTime: time } = first
  shard.entries.add({ base, time, commit, offset, length: frame.bytes.length })
  shard.openBytes += frame.bytes.length
  shard.lastTime = time
  logs.committer.lastTime = time
}

/** A mode that owns logs folds their records into its state. */
function handToOwner(logs: Logs, covered: ReadonlyMap<number, number>, commit: number, frame: Frame): void {
  const owner = ownerOf(logs.owners, logs.logs.get(frame.stream)?.owner)
  if (owner !== undefined && commit >= (covered.get(owner.number) ?? 0)) owner.replayRun(frame.stream, frame.bytes)
}

function takeUpEntry(
  owners: readonly JournalOwner[],
  covered: ReadonlyMap<number, number>,
  commit: number,
  frame: Frame,
): void {
  const owner = owners.find((each) => each.number === frame.stream)
  if (owner === undefined || commit < (covered.get(owner.number) ?? 0)) return
  owner.replay(Uint8Array.prototype.slice.call(frame.payload))
}

function shardOf(logs: Logs, stream: number, shard: number): Shard | undefined {
  return logs.logs.get(stream)?.shards.get(shard)
}

function damaged(commit: number, reason: string): MillraceError {
  return new MillraceError('store_corrupt', { commit, reason })
}
