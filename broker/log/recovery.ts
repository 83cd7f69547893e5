import { blocksOf } from '../wire/block.ts'
import { MillraceError } from '../wire/errors.ts'
import { type Frame, frameIntact, framesOf, frameTypes } from '../wire/frame.ts'
import { readU64, viewOf } from '../wire/u64.ts'
import { type JournalOwner, ownerOf, snapshotKey } from './journal.ts'
import type { Logs } from './logs.ts'
import { unpackWindows } from './producer-windows.ts'
import { headsKey, headsPrefix, positionsKey, producersKey } from './sealing.ts'
import { unpackHeads } from './segment-index.ts'
import type { Shard } from './shard.ts'

/**
 * Brings the logs to where they were: sealed segments are known by their heads, in the catalog, and only the open one is
 * read, once, with every checksum verified.
 * @throws store_corrupt
 */
export async function recover(logs: Logs): Promise<void> {
  await takeUpHeads(logs)
  const windowsEnd = await restoreWindows(logs)
  const open = logs.store.openSegment()
  const covered = await restoreOwners(logs, open.first)
  const from = Math.min(open.first, ...covered.values())
  for await (const { number, value } of logs.store.scan(from)) {
    for (const { offset, frame } of framesIn(number, value)) {
      if (frame.type === frameTypes.blocks) {
        if (number >= open.first) takeUpRun(logs, number, offset, frame, number >= windowsEnd)
        handToOwner(logs, covered, number, frame)
      }
      if (frame.type === frameTypes.journal) takeUpEntry(logs.owners, covered, number, frame)
    }
  }
}

/** The frames of a commit, each verified. */
function* framesIn(commit: number, value: Uint8Array): Generator<{ offset: number; frame: Frame }> {
  const frames = framesOf(value)
  for (let offset = 0; offset < value.length; ) {
    const frame = orDamaged(commit, () => frames.next().value as Frame)
    if (!frameIntact(frame)) throw damaged(commit, 'its checksum does not match')
    yield { offset, frame }
    offset += frame.bytes.length
  }
}

/** What cannot be read in a commit that was checked before it was written is damage. */
function orDamaged<T>(commit: number, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw damaged(commit, MillraceError.wrap(cause).message)
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
  const packed = new Map((await logs.store.entries(headsPrefix)).map(({ key, value }) => [key, value]))
  for (const segment of logs.store.segments()) {
    const heads = packed.get(headsKey(segment.first))
    if (heads === undefined && segment.sealed) throw damaged(segment.first, 'the catalog does not know its segment')
    for (const head of heads === undefined ? [] : unpackHeads(heads)) {
      const shard = shardOf(logs, head.stream, head.shard)
      if (shard === undefined) continue
      if (segment.sealed) shard.sealed.push({ ...head, segment: segment.first })
      // A crash came while this segment was sealed: the positions are those of its end, and it is about to be read.
      else shard.next = head.first
    }
    packed.delete(headsKey(segment.first))
  }
  // A crash came between the removal of a segment and that of its heads.
  if (packed.size > 0) await logs.store.put([...packed.keys()].map((key) => ({ key, value: undefined })))
  for (const log of logs.logs.values()) {
    for (const shard of log.shards.values()) shard.first = shard.sealed[0]?.first ?? shard.next
  }
}

/** Takes up what is remembered of producers; returns the first commit whose blocks are not among it. */
async function restoreWindows(logs: Logs): Promise<number> {
  const entry = (await logs.store.entries(producersKey))[0]
  if (entry === undefined) return 0
  unpackWindows(entry.value.subarray(8), (stream, shard) => shardOf(logs, stream, shard))
  return readU64(viewOf(entry.value), 0)
}

/**
 * Hands each owner its snapshot; returns for each the first commit whose entries it has not seen. An owner without one was not there
 * when the last segment was sealed: all it ever wrote is in the open one, from `open` on.
 */
async function restoreOwners(logs: Logs, open: number): Promise<Map<number, number>> {
  const covered = new Map<number, number>()
  for (const owner of logs.owners) {
    const entry = (await logs.store.entries(snapshotKey(owner.number)))[0]
    covered.set(owner.number, entry === undefined ? open : readU64(viewOf(entry.value), 0))
    if (entry !== undefined) owner.restore(entry.value.subarray(8))
  }
  return covered
}

function takeUpRun(logs: Logs, commit: number, offset: number, frame: Frame, remember: boolean): void {
  const shard = shardOf(logs, frame.stream, frame.shard)
  if (shard === undefined) return
  let first: { baseSequence: number; appendTime: number } | undefined
  for (const { header } of blocksOf(frame.payload)) {
    if (header.baseSequence !== shard.next) {
      throw damaged(commit, `shard ${shard.number} continues at ${header.baseSequence} instead of ${shard.next}`)
    }
    first ??= header
    if (remember) {
      shard.producers.committed(header.producerId, header.producerSequence, header.baseSequence, header.appendTime)
    }
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
