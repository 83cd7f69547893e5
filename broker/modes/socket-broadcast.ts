import type { Clock } from '../clock.ts'
import { MillraceError } from '../wire/errors.ts'
import type { SocketConnection } from '../wire/socket-connection.ts'
import type { SocketConnections } from './socket-connections.ts'

/** A text message for clients of a WebSocket API. */
export interface SocketMessage {
  /** UTF-8. */
  readonly text: Uint8Array
  /** The one client that it is for; without it, all. */
  readonly connection?: string
}

/** What became of messages: how often one was sent, and how many clients were cut off. */
export interface BroadcastResult {
  readonly sent: number
  readonly stalled: number
}

export interface BroadcastBounds {
  /** Bytes of messages that are under way at once. */
  readonly roundBytes: number
  /** Who takes nothing for so long is cut off. */
  readonly stallMillis: number
}

/**
 * Sends messages to the clients of an API, or of one stage of it, each client's in their order. It goes as fast as the slowest takes them, and cuts
 * off who takes nothing: whoever is connected has missed nothing. Each message's bytes are the same for all.
 */
export async function broadcast(
  { connections, wall }: { readonly connections: SocketConnections; readonly wall: Clock },
  { api, stage }: { readonly api: string; readonly stage: string | undefined },
  messages: readonly SocketMessage[],
  { roundBytes, stallMillis }: BroadcastBounds,
): Promise<BroadcastResult> {
  const total = { sent: 0, stalled: 0 }
  for (const round of roundsOf(messages, roundBytes)) {
    let all: readonly SocketConnection[] | undefined
    const readersOf = (id: string | undefined) => {
      if (id !== undefined) return readerIn(connections, { api, stage }, id)
      all ??= connections.ofApi(api, stage)
      return all
    }
    const stalled = new Set<SocketConnection>()
    const pending = new Map<SocketConnection, Promise<void>>()
    for (const { text, connection: id } of round) {
      for (const each of readersOf(id)) {
        const sent = each.post(text).then(
          () => {
            total.sent++
            if (pending.get(each) === sent) pending.delete(each)
          },
          (error: unknown) => {
            // Who is gone takes nothing more; who has too much waiting already would miss this one.
            if (error instanceof MillraceError && error.code === 'throttled') stalled.add(each)
            pending.delete(each)
          },
        )
        pending.set(each, sent)
      }
    }
    await within(wall, stallMillis, Promise.all(pending.values()))
    for (const each of pending.keys()) stalled.add(each)
    for (const each of stalled) each.cutOff()
    total.stalled += stalled.size
  }
  return total
}

/** The one client that is meant, if it is connected to this API, and to this stage of it where one is said. */
function readerIn(
  connections: SocketConnections,
  { api, stage }: { readonly api: string; readonly stage: string | undefined },
  id: string,
): readonly SocketConnection[] {
  const reader = connections.get(id)
  const isMeant = reader?.apiId === api && (stage === undefined || reader.stage === stage)
  return reader !== undefined && isMeant ? [reader] : []
}

/** Messages in groups of some bytes, each of one at least. */
function* roundsOf(messages: readonly SocketMessage[], bytesMax: number): Generator<readonly SocketMessage[]> {
  let round: SocketMessage[] = []
  let bytes = 0
  for (const message of messages) {
    if (round.length > 0 && bytes + message.text.length > bytesMax) {
      yield round
      round = []
      bytes = 0
    }
    round.push(message)
    bytes += message.text.length
  }
  if (round.length > 0) yield round
}

/** Waits for a promise, and so long at most. */
function within(clock: Clock, millis: number, promise: Promise<unknown>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(millis, resolve)
    promise.then(() => {
      timer.cancel()
      resolve()
    }, reject)
  })
}
