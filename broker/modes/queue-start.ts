import { positionAtTime } from '../log/positions.ts'
import { blocksOf } from '../wire/block.ts'
import { framesOf } from '../wire/frame.ts'
import { readHead } from '../wire/queue-message.ts'
import { BodyReader } from '../wire/record.ts'
import type { Queue } from './queue.ts'

/**
 * What a FIFO queue needs to know of what its snapshot covers, and a start does not fold in again: the groups of messages that were appended
 * again, whose place is before all others of their group, and the deduplication ids that still count.
 */
export async function takeUpSealed(queue: Queue): Promise<void> {
  if (!queue.settings.fifo) return
  const moved = [...queue.state.relocated].sort(([, a], [, b]) => a - b)
  for (const [place, identity] of moved) {
    const held = queue.state.held.get(identity)
    if (held === undefined) continue
    if (queue.reader.find(place) === undefined) await queue.reader.load(place)
    held.group = queue.reader.find(place)?.envelope.group
    queue.inventory.order.entered(held)
  }
  await takeUpIds(queue)
}

async function takeUpIds(queue: Queue): Promise<void> {
  const { logs, shard, state } = queue
  const since = logs.clock.now() - logs.limits.deduplicationMillis
  // Not up to the open segment: a crash between a snapshot and the seal it is for leaves one that the snapshot covers.
  const end = state.foldedFrom ?? shard.next
  const cursor = logs.cursor(shard, Math.max(shard.first, state.purgedBelow, await positionAtTime(logs, shard, since)))
  while (cursor.position < end) {
    const frames = await cursor.read(logs.limits.readBytesMax)
    if (frames === undefined) return
    for (const { payload } of framesOf(frames)) {
      for (const { header, block } of blocksOf(payload)) {
        const reader = new BodyReader(block)
        for (let i = 0; i < header.count; i++) {
          reader.next()
          const { deduplicationId, identity } = readHead(reader.data())
          if (deduplicationId === undefined || identity !== undefined) continue
          state.ids.add(reader.key(), deduplicationId, { identity: header.baseSequence + i, time: header.appendTime })
        }
      }
    }
  }
}
