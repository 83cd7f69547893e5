import type { Entry } from '../log/commit-line.ts'
import type { Appended, Part } from '../log/committer.ts'
import { readBlockHeader } from '../wire/block.ts'
import { type Envelope, encodeEnvelope, type MessageExtras, noGroupKey } from '../wire/queue-message.ts'
import { BlockWriter } from '../wire/record.ts'
import { viewOf } from '../wire/u64.ts'
import type { Queue } from './queue.ts'
import type { Picked } from './queue-delivery.ts'
import { packEntry, type QueueEntry } from './queue-entries.ts'
import { queueOwner } from './queue-journal.ts'
import type { StoredMessage } from './queue-reader.ts'

/** What one commit moves at most, about: no limit of blocks or commits is near. */
const moveBytesMax = 4 * 1024 * 1024

/**
 * Moves messages to their queue's dead-letter queue. They keep id, attributes and receive count, and in a standard queue the time
 * they were sent, from which their retention is counted.
 */
export async function buryMessages(source: Queue, target: Queue, picked: readonly Picked[]): Promise<void> {
  for (const batch of batchesOf(picked)) {
    const buried = batch.map(({ held, message }) => {
      const { group, body, sent = message.time, extras } = message.envelope
      const more = {
        ...idOf(message),
        id: extras?.id ?? source.messageId(held.identity),
        source: source.name,
        receives: held.count,
        firstReceivedAt: held.firstReceivedAt,
      }
      const kept = target.settings.fifo ? {} : { sent }
      return { target, envelope: { group, ...kept, extras: { ...extras, ...more }, body } }
    })
    await move(source, batch, buried, [])
  }
}

/** Moves messages by hand: each is a new message of its target, never received. `entries` are of `source`, in the same commit. */
export async function redriveMessages(
  source: Queue,
  picked: readonly { readonly picked: Picked; readonly target: Queue }[],
  entries: readonly QueueEntry[],
): Promise<void> {
  const fresh = picked.map(({ picked: { message }, target }) => {
    const { group, body } = message.envelope
    return { target, envelope: { group, extras: withoutPast(message), body } }
  })
  await move(
    source,
    picked.map((each) => each.picked),
    fresh,
    entries,
  )
}

/** The longest prefixes of `picked` that fit into one commit. */
export function* batchesOf(picked: readonly Picked[]): Generator<Picked[]> {
  let batch: Picked[] = []
  let bytes = 0
  for (const each of picked) {
    const { length } = each.message.envelope.body
    if (batch.length > 0 && bytes + length > moveBytesMax) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(each)
    bytes += length
  }
  if (batch.length > 0) yield batch
}

/** One commit: the records in the targets' logs, and the entry that says they are gone here. */
async function move(
  source: Queue,
  picked: readonly Picked[],
  records: readonly { readonly target: Queue; readonly envelope: Envelope }[],
  entries: readonly QueueEntry[],
): Promise<Appended[]> {
  const writers = new Map<Queue, BlockWriter>()
  for (const { target, envelope } of records) {
    const writer = writers.get(target) ?? new BlockWriter()
    writers.set(target, writer)
    writer.add(envelope.group ?? noGroupKey, encodeEnvelope(envelope))
  }
  const parts: Part[] = [...writers].map(([target, writer]) => {
    const block = writer.finish(0, 0)
    return { shard: target.shard, block, header: readBlockHeader(viewOf(block)) }
  })
  const identities = picked.map(({ held }) => held.identity)
  const all: QueueEntry[] = [{ kind: 'gone', identities }, ...entries]
  const packed: Entry[] = all.map((entry) => ({ owner: queueOwner, entry: packEntry(source.number, entry) }))
  const appended = await source.logs.committer.together(parts, packed)
  source.inventory.gone(identities)
  source.delivery.wake()
  return appended
}

/** The deduplication id, as something that is only told. */
function idOf({ envelope }: StoredMessage): { deduplicationId?: string } {
  const deduplicationId = envelope.deduplicationId ?? envelope.extras?.deduplicationId
  return deduplicationId === undefined ? {} : { deduplicationId }
}

function withoutPast(message: StoredMessage): MessageExtras | undefined {
  const { attributes, trace } = message.envelope.extras ?? {}
  const kept = { ...idOf(message), ...(attributes && { attributes }), ...(trace !== undefined && { trace }) }
  return Object.keys(kept).length === 0 ? undefined : kept
}
