import { MillraceError } from '../wire/errors.ts'
import type { Queue } from './queue.ts'
import { unpackHandle } from './queue-handle.ts'
import type { Held } from './queue-state.ts'

/**
 * What a receiver wants done with a message it holds: delete it, have it invisible for so long from now on, or return it as if it had never
 * been received. A return must not be asked for twice: the next receive's handle is that of the one that was taken back.
 */
export type SettleRequest =
  | { readonly kind: 'delete'; readonly handle: string }
  | { readonly kind: 'visibility'; readonly handle: string; readonly visibilityMillis: number }
  | { readonly kind: 'return'; readonly handle: string }

/** See Queue.settle. */
export async function settleMessages(
  queue: Queue,
  requests: readonly SettleRequest[],
): Promise<(MillraceError | undefined)[]> {
  const now = queue.logs.clock.now()
  queue.inventory.settle(now)
  const deleted: { place: number; identity: number; held: Held | undefined }[] = []
  const changed: { place: number; held: Held }[] = []
  const results = requests.map((request, place) => {
    try {
      if (request.kind === 'delete') {
        const identity = toDelete(queue, request.handle, now)
        if (identity !== undefined) deleted.push({ place, identity, held: queue.state.held.get(identity) })
      } else if (request.kind === 'return') changed.push({ place, held: giveBack(queue, request.handle) })
      else changed.push({ place, held: changeVisibility(queue, request.handle, request.visibilityMillis, now) })
      return undefined
    } catch (error) {
      return MillraceError.wrap(error)
    }
  })
  const fail = (places: readonly { place: number }[]) => (error: unknown) => {
    for (const { place } of places) results[place] = MillraceError.wrap(error)
  }
  await Promise.all([
    writeDeletes(queue, deleted).catch(fail(deleted)),
    writeChanges(queue, changed).catch(fail(changed)),
  ])
  return results
}

/** Who is to be deleted; undefined when it is gone already, which is just as well. */
function toDelete(queue: Queue, text: string, now: number): number | undefined {
  const { identity, count } = handleIn(queue, text)
  if (queue.state.isGone(identity)) return undefined
  const held = queue.state.held.get(identity)
  // A standard queue takes any handle the message ever had; a FIFO queue only that of whoever holds it.
  if (queue.settings.fifo && (held === undefined || held.count !== count || !isOut(held, now))) {
    throw new MillraceError('handle_expired')
  }
  if (held !== undefined) queue.inventory.leave(held)
  return identity
}

/** It is gone in memory only once it is gone on disk: an acknowledged delete stays done, a failed one did nothing. */
async function writeDeletes(
  queue: Queue,
  deleted: readonly { identity: number; held: Held | undefined }[],
): Promise<void> {
  if (deleted.length === 0) return
  const identities = deleted.map((each) => each.identity)
  try {
    await queue.write({ kind: 'gone', identities })
  } catch (error) {
    for (const { held } of deleted) if (held !== undefined) queue.inventory.stay(held)
    throw error
  }
  queue.inventory.gone(identities)
  queue.delivery.wake()
}

function changeVisibility(queue: Queue, text: string, millis: number, now: number): Held {
  const held = inFlight(queue, text)
  const limit = queue.logs.limits.visibilityMillisMax
  if (now + millis > held.lastReceivedAt + limit) throw new MillraceError('visibility_too_long', { limit })
  queue.inventory.extend(held, now + millis, now)
  return held
}

function giveBack(queue: Queue, text: string): Held {
  const held = inFlight(queue, text)
  queue.inventory.giveBack(held)
  return held
}

/** The message that is held by whoever has this handle. */
function inFlight(queue: Queue, text: string): Held {
  const { identity, count } = handleIn(queue, text)
  const held = queue.state.held.get(identity)
  if (queue.state.isGone(identity)) throw new MillraceError('message_gone')
  if (held === undefined || held.state === 'visible') throw new MillraceError('not_in_flight')
  if (held.count !== count || held.state === 'leaving') throw new MillraceError('message_gone')
  return held
}

async function writeChanges(queue: Queue, changed: readonly { held: Held }[]): Promise<void> {
  if (changed.length === 0) return
  queue.delivery.wake()
  await queue.write({ kind: 'lease', rows: changed.map((each) => each.held) })
}

function handleIn(queue: Queue, text: string): { identity: number; count: number } {
  const handle = unpackHandle(queue.number, text)
  if (handle === undefined || handle.identity >= queue.shard.next) {
    throw new MillraceError('handle_invalid', { handle: text.slice(0, 64), queue: queue.name })
  }
  return handle
}

function isOut(held: Held, now: number): boolean {
  return held.state === 'leaving' || (held.state === 'in flight' && held.visibleAt > now)
}
