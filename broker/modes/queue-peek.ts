import type { PeekedMessage, Queue } from './queue.ts'
import { QueueReader } from './queue-reader.ts'

/** A page of messages that were looked at. */
export interface PeekedPage {
  readonly messages: readonly PeekedMessage[]
  /** Where to go on; absent at the end. */
  readonly next?: number
}

/**
 * Looks at up to `limit` messages, from place `from` of the queue's log on, in the order they lie there, whatever their state. None of
 * them is received by that.
 */
export async function peekMessages(queue: Queue, from: number, limit: number): Promise<PeekedPage> {
  const { state, logs, shard, inventory, settings } = queue
  const now = logs.clock.now()
  inventory.settle(now)
  const reader = new QueueReader(logs, shard)
  const messages: PeekedMessage[] = []
  let place = state.gone.nextMissing(from)
  for (; place < shard.next && messages.length < limit; place = state.gone.nextMissing(place + 1)) {
    const message = reader.find(place) ?? ((await reader.load(place)) ? reader.find(place) : undefined)
    if (message === undefined || state.gone.has(place)) continue
    const identity = state.relocated.get(place) ?? place
    const { extras, sent = message.time, due = 0 } = message.envelope
    const held = state.held.get(identity)
    const count = held?.count ?? 0
    const times = { count: Math.max(count, extras?.receives ?? 0), firstReceivedAt: held?.firstReceivedAt ?? 0 }
    const { handle: _, ...seen } = queue.received({ held: { identity, ...times }, message })
    const delayed = count === 0 && Math.max(due, settings.fifo ? sent + settings.delayMillis : 0) > now
    const out = held !== undefined && held.state !== 'visible'
    messages.push({ ...seen, state: out ? 'in flight' : delayed ? 'delayed' : 'visible' })
  }
  return place < shard.next ? { messages, next: place } : { messages }
}
