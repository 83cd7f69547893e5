import { readBlockHeader } from '../wire/block.ts'
import { encodeEnvelope, noGroupKey } from '../wire/queue-message.ts'
import { BlockWriter } from '../wire/record.ts'
import { viewOf } from '../wire/u64.ts'
import type { Queue } from './queue.ts'
import { QueueReader } from './queue-reader.ts'

const blockBytesTarget = 1024 * 1024

/**
 * Appends again the messages that lie from `first` to `next` and are not gone; none may lie before `first`, and none be delayed. The record carries the identity it had, and that
 * makes the old place gone; resolves when that is so.
 */
export async function rescueMessages(queue: Queue, first: number, next: number): Promise<void> {
  const { state, logs } = queue
  const reader = new QueueReader(logs, queue.shard)
  let writer = new BlockWriter()
  let moved: { identity: number; group: string | undefined }[] = []
  const flush = async () => {
    const block = writer.finish(0, 0)
    const these = moved
    writer = new BlockWriter()
    moved = []
    await logs.committer.together([{ shard: queue.shard, block, header: readBlockHeader(viewOf(block)) }], [])
    for (const { identity, group } of these) queue.inventory.relocated(identity, group)
    queue.delivery.wake()
  }
  for (let place = state.gone.nextMissing(first); place < next; place = state.gone.nextMissing(place + 1)) {
    const message = reader.find(place) ?? ((await reader.load(place)) ? reader.find(place) : undefined)
    // It may have gone while it was read.
    if (message === undefined || state.gone.has(place)) continue
    const { envelope, time } = message
    const identity = state.relocated.get(place) ?? place
    writer.add(
      envelope.group ?? noGroupKey,
      encodeEnvelope({ ...envelope, due: undefined, sent: envelope.sent ?? time, identity }),
    )
    moved.push({ identity, group: envelope.group })
    if (writer.bytes >= blockBytesTarget) await flush()
  }
  if (moved.length > 0) await flush()
}
