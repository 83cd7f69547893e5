import type { Timer } from '../clock.ts'
import type { MillraceError } from '../wire/errors.ts'
import type { Queue, ReceivedMessage } from './queue.ts'
import type { Picked, Taker } from './queue-delivery.ts'
import type { Held } from './queue-state.ts'

/** What can be said about a receive. */
export interface ReceiveOptions {
  readonly max: number
  /** How long to wait for the first message; the queue's own time when left out. */
  readonly waitMillis?: number | undefined
  /** How long the messages are invisible to others; the queue's own time when left out. */
  readonly visibilityMillis?: number | undefined
  /** FIFO: the same attempt again, within 5 minutes, gets the same messages, unless something happened to them. */
  readonly attemptId?: string | undefined
  /** Ends the wait with what there is: nothing. */
  readonly signal: AbortSignal
}

interface Attempt {
  readonly at: number
  readonly picked: readonly (Picked & { readonly count: number })[]
}

/** Receives that are calls: one answer, at once or when there is something. */
export class Receiver {
  readonly #queue: Queue
  readonly #attempts = new Map<string, Attempt>()

  constructor(queue: Queue) {
    this.#queue = queue
  }

  /** See Queue.receive. */
  async receive(options: ReceiveOptions): Promise<ReceivedMessage[]> {
    const { attemptId } = options
    const again = attemptId === undefined ? undefined : this.#again(attemptId, options)
    const picked = again ?? (await this.take(options))
    if (attemptId !== undefined && again === undefined && picked.length > 0) this.#remember(attemptId, picked)
    return picked.map((each) => this.#queue.received(each))
  }

  /** The same, for callers within: messages as they lie. */
  take(options: ReceiveOptions): Promise<readonly Picked[]> {
    const { clock } = this.#queue.logs
    const wait = options.waitMillis ?? this.#queue.settings.waitMillis
    return new Promise((resolve, reject) => {
      let timer: Timer | undefined
      let reserved = false
      const end = () => {
        timer?.cancel()
        options.signal.removeEventListener('abort', abandon)
        this.#queue.leave(taker)
      }
      const abandon = () => {
        end()
        resolve([])
      }
      const taker: Taker = {
        visibilityMillis: options.visibilityMillis,
        want: () => (reserved ? 0 : options.max),
        reserve: () => {
          reserved = true
          timer?.cancel()
        },
        deliver: (picked) => {
          end()
          resolve(picked)
          return true
        },
        nothing: () => {
          if (wait === 0 && !reserved) abandon()
        },
        fail: (error: MillraceError) => {
          end()
          reject(error)
        },
      }
      if (options.signal.aborted) {
        resolve([])
        return
      }
      options.signal.addEventListener('abort', abandon)
      if (wait > 0) timer = clock.after(wait, abandon)
      this.#queue.serve(taker)
    })
  }

  /** The messages of an attempt made before, if all of them are still in flight as they were given out. */
  #again(attemptId: string, options: ReceiveOptions): readonly Picked[] | undefined {
    const { clock, limits } = this.#queue.logs
    const now = clock.now()
    const attempt = this.#attempts.get(attemptId)
    if (attempt === undefined || attempt.at + limits.deduplicationMillis <= now) return undefined
    const { inventory, settings, state } = this.#queue
    const same = ({ held, count }: { held: Held; count: number }) =>
      state.held.get(held.identity) === held &&
      held.count === count &&
      held.state === 'in flight' &&
      held.visibleAt > now
    if (!attempt.picked.every(same)) {
      this.#attempts.delete(attemptId)
      return undefined
    }
    const visibleAt = now + (options.visibilityMillis ?? settings.visibilityMillis)
    for (const { held } of attempt.picked) inventory.extend(held, visibleAt, now)
    return attempt.picked
  }

  #remember(attemptId: string, picked: readonly Picked[]): void {
    const { clock, limits } = this.#queue.logs
    const rows = picked.map((each) => ({ ...each, count: each.held.count }))
    this.#attempts.delete(attemptId)
    this.#attempts.set(attemptId, { at: clock.now(), picked: rows })
    for (const oldest of this.#attempts.keys()) {
      if (this.#attempts.size <= limits.receiveAttemptsMax) break
      this.#attempts.delete(oldest)
    }
  }
}
