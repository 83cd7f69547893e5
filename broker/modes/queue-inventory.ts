import type { Limits } from '../limits.ts'
import { FifoOrder } from './queue-fifo-order.ts'
import { MinHeap } from './queue-heap.ts'
import type { QueueOrder } from './queue-order.ts'
import type { StoredMessage } from './queue-reader.ts'
import { StandardOrder } from './queue-standard-order.ts'
import type { DelayedRange, Held, QueueState } from './queue-state.ts'

/** How many messages a queue holds. */
export interface QueueCounts {
  readonly visible: number
  readonly inFlight: number
  readonly delayed: number
}

export interface InventoryOptions {
  readonly fifo: boolean
  /** The sequence behind the last message. */
  readonly end: () => number
  /** A FIFO queue's delay, in milliseconds. */
  readonly delay: () => number
  readonly limits: Limits
}

/** A queue's messages as they stand now: what is true of them, what falls due, and in which order they come. No I/O, no clock. */
export class QueueInventory {
  readonly state: QueueState
  readonly order: QueueOrder
  readonly #options: InventoryOptions
  /** Messages in flight by when they become visible again; entries that no longer hold are skipped. */
  readonly #timeouts = new MinHeap<number>()
  readonly #delayed = new MinHeap<DelayedRange>()
  #out = 0
  #delayedCount = 0

  constructor(state: QueueState, options: InventoryOptions) {
    this.state = state
    this.#options = options
    this.order = options.fifo
      ? new FifoOrder(state, options.end, options.delay, options.limits)
      : new StandardOrder(state, options.end, options.limits)
    for (const held of state.held.values()) {
      if (held.state !== 'visible') {
        this.#out++
        this.#watch(held)
      } else if (!options.fifo) this.order.entered(held)
    }
    for (const range of state.delayed) this.#watchDelayed(range)
  }

  /** Messages in flight, those that are leaving included. */
  get inFlight(): number {
    return this.#out
  }

  /** Counts of a standard queue; what is delayed in a FIFO queue only its log's times tell. */
  get counts(): QueueCounts {
    const all = this.#options.end() - this.state.gone.size
    const delayed = this.#delayedCount
    return { visible: Math.max(0, all - this.#out - delayed), inFlight: this.#out, delayed }
  }

  /** When something falls due next, having been settled at `time`; Infinity for never. */
  dueAfter(time: number): number {
    const { due } = this.order
    return Math.min(this.#timeouts.minimum, this.#delayed.minimum, due > time ? due : Number.POSITIVE_INFINITY)
  }

  /** Makes visible what has fallen due by `now`. */
  settle(now: number): void {
    for (; this.#timeouts.minimum <= now; this.#timeouts.pop()) {
      const held = this.state.held.get(this.#timeouts.first as number)
      if (held?.state === 'in flight' && held.visibleAt === this.#timeouts.minimum) this.#show(held)
    }
    if (this.#delayed.minimum > now) return
    for (; this.#delayed.minimum <= now; this.#delayed.pop()) {
      const range = this.#delayed.first as DelayedRange
      this.#delayedCount -= this.state.gone.missing(range.first, range.next, range.next - range.first)
      // What the cursor has yet to reach it will find by itself.
      this.order.visibleRange(range.first, Math.min(range.next, this.order.cursor))
    }
    this.#delayedCount = Math.max(0, this.#delayedCount)
    this.state.delayed = this.state.delayed.filter((range) => range.due > now)
  }

  /** Takes up what became durable in the log. */
  appended(frame: Uint8Array): void {
    const before = this.state.delayed.at(-1)
    const next = before?.next
    const count = this.state.delayed.length
    this.state.applyRun(frame)
    if (before !== undefined && next !== undefined) this.#delayedCount += before.next - next
    for (const range of this.state.delayed.slice(count)) this.#watchDelayed(range)
  }

  /** Gives a message out: it is in flight until `visibleAt`. Returns it. */
  lease(identity: number, message: StoredMessage, now: number, visibleAt: number): Held {
    const { group, extras } = message.envelope
    const known = this.state.held.get(identity)
    const held = this.state.applyLease({
      identity,
      count: Math.max(known?.count ?? 0, extras?.receives ?? 0) + 1,
      visibleAt,
      firstReceivedAt: known?.firstReceivedAt || extras?.firstReceivedAt || now,
      lastReceivedAt: now,
    }) as Held
    held.group = group
    this.#out++
    this.order.took(held)
    this.#watch(held)
    return held
  }

  /** Changes until when a message in flight stays invisible. */
  extend(held: Held, visibleAt: number, now: number): void {
    held.visibleAt = visibleAt
    if (visibleAt > now) this.#watch(held)
    else this.#show(held)
  }

  /** Takes back that a message was given out: nobody was there to take it. */
  giveBack(held: Held): void {
    held.count--
    held.visibleAt = 0
    if (held.count === 0) held.firstReceivedAt = 0
    if (this.state.held.get(held.identity) === held && held.state === 'in flight') this.#show(held)
  }

  /** A message is being deleted or moved: it is not given out meanwhile. Undefined when it is not there, or is leaving already. */
  leave(held: Held): void {
    if (held.state === 'visible') {
      this.#out++
      held.state = 'leaving'
      this.order.took(held)
    } else held.state = 'leaving'
  }

  /** It did not leave after all. */
  stay(held: Held): void {
    if (held.state !== 'leaving') return
    held.state = 'in flight'
    this.#watch(held)
  }

  /** These are gone, durably. */
  gone(identities: readonly number[]): void {
    for (const identity of identities) {
      const held = this.state.held.get(identity)
      this.state.applyGone(identity)
      if (held !== undefined) this.#dropped(held)
    }
  }

  /** All below `sequence` is gone, durably. */
  floor(sequence: number, purged: boolean): void {
    for (const held of this.state.applyFloor(sequence, purged)) this.#dropped(held)
    this.#delayed.clear()
    this.#delayedCount = 0
    for (const range of this.state.delayed) this.#watchDelayed(range)
  }

  /** A message was appended again; one that was not held before waits to be given out like any other. */
  relocated(identity: number, group: string | undefined): void {
    const held = this.state.held.get(identity)
    if (held === undefined) return
    held.group = group
    this.order.entered(held)
  }

  /** A FIFO queue's delay was changed: it holds for all messages, those that wait already included. */
  delayChanged(): void {
    if (this.order instanceof FifoOrder) this.order.delayChanged()
  }

  #show(held: Held): void {
    held.state = 'visible'
    this.#out--
    this.order.visible(held)
  }

  #dropped(held: Held): void {
    if (held.state !== 'visible') this.#out--
    this.order.removed(held)
  }

  #watch(held: Held): void {
    this.#timeouts.push(held.visibleAt, held.identity)
    // Deletes leave their timeouts behind; when most are such, it is cheaper to start afresh than to wait for them.
    if (this.#timeouts.size < 1_000 || this.#timeouts.size < 2 * this.state.held.size) return
    this.#timeouts.clear()
    for (const each of this.state.held.values()) {
      if (each.state === 'in flight') this.#timeouts.push(each.visibleAt, each.identity)
    }
  }

  #watchDelayed(range: DelayedRange): void {
    this.#delayed.push(range.due, range)
    this.#delayedCount += this.state.gone.missing(range.first, range.next, range.next - range.first)
  }
}
