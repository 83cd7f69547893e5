import type { Limits } from '../limits.ts'
import { MinHeap } from './queue-heap.ts'
import type { QueueOrder, Step } from './queue-order.ts'
import type { StoredMessage } from './queue-reader.ts'
import { SortedNumbers } from './queue-sorted.ts'
import type { Held, QueueState } from './queue-state.ts'

/** A message group: its messages that were read, by identity, which is their order. */
interface Group {
  readonly waiting: SortedNumbers
  /** In flight, or leaving. */
  readonly out: SortedNumbers
}

const none: Step = { kind: 'none' }

/**
 * The order of a FIFO queue: a message can be given out when no earlier one of its group is in flight. The group whose first
 * message is oldest comes first, and one receive takes all it can of it.
 */
export class FifoOrder implements QueueOrder {
  readonly #state: QueueState
  readonly #end: () => number
  readonly #limits: Limits
  readonly #delay: () => number
  #cursor: number
  readonly #groups = new Map<string, Group>()
  /** Groups by their first waiting message, checked when they come to the top. */
  readonly #open = new MinHeap<string>()
  #inWindow = 0
  /** When the message at the cursor becomes visible; 0 when that is not known to be later than now. */
  #cursorDue = 0

  /** `end`: the sequence behind the last message; `delay`: how long each message is invisible at first, in milliseconds. */
  constructor(state: QueueState, end: () => number, delay: () => number, limits: Limits) {
    this.#state = state
    this.#end = end
    this.#delay = delay
    this.#limits = limits
    this.#cursor = state.gone.floor
  }

  get cursor(): number {
    return this.#cursor
  }

  get due(): number {
    return this.#cursorDue === 0 ? Number.POSITIVE_INFINITY : this.#cursorDue
  }

  next(want: number, lookAhead: boolean, now: number): Step {
    const group = this.#firstOpen()
    const ready = group === undefined ? 0 : this.#givable(group)
    const more = ready === 0 || (lookAhead && ready < want)
    if (more && this.#inWindow < this.#limits.queueWindowMax && this.#cursorDue <= now) {
      const sequence = this.#advance()
      if (sequence < this.#end()) return { kind: 'read', sequence }
    }
    if (group === undefined) return none
    return { kind: 'give', identities: group.waiting.take(Math.min(want, ready)) }
  }

  seen(message: StoredMessage, _lookAhead: boolean, now: number): void {
    const delay = this.#delay()
    // Once, taken back or not.
    const received = this.#state.held.has(message.sequence)
    // Without a delay there is nothing to wait for, even when the clock was set back.
    const due = delay === 0 || received ? 0 : message.time + delay
    this.#cursorDue = due > now ? due : 0
    if (due > now) return
    this.#cursor = message.sequence + 1
    this.#enter(message.envelope.group ?? '', message.sequence)
  }

  entered(held: Held): void {
    this.#enter(held.group ?? '', held.identity)
  }

  passed(sequence: number): void {
    if (this.#cursor === sequence) this.#cursor++
  }

  /** The delay was changed, for messages that were read ahead too: all is read again. */
  delayChanged(): void {
    this.#groups.clear()
    this.#open.clear()
    this.#inWindow = 0
    this.#cursor = this.#state.gone.floor
    this.#cursorDue = 0
    const relocated = [...this.#state.relocated.values()].sort((a, b) => a - b)
    for (const identity of relocated) {
      const held = this.#state.held.get(identity)
      if (held !== undefined) this.entered(held)
    }
  }

  took(held: Held): void {
    const group = this.#groups.get(held.group ?? '')
    if (group === undefined) return
    group.waiting.delete(held.identity)
    group.out.add(held.identity)
  }

  visible(held: Held): void {
    // Before it was read it stands in no group; the cursor will find it.
    if (held.group === undefined) return
    const group = this.#group(held.group)
    if (!group.out.delete(held.identity)) return
    group.waiting.add(held.identity)
    this.#offer(held.group, group)
  }

  visibleRange(): void {
    // A FIFO queue delays all its messages alike; the cursor waits for them.
  }

  removed(held: Held): void {
    if (held.group === undefined) return
    const group = this.#groups.get(held.group)
    if (group === undefined) return
    if (group.waiting.delete(held.identity) || group.out.delete(held.identity)) this.#inWindow--
    this.#offer(held.group, group)
    if (group.waiting.size === 0 && group.out.size === 0) this.#groups.delete(held.group)
  }

  #enter(name: string, identity: number): void {
    const group = this.#group(name)
    const held = this.#state.held.get(identity)
    if (held !== undefined) held.group = name
    const before = group.waiting.size + group.out.size
    if (held === undefined || held.state === 'visible') group.waiting.add(identity)
    else group.out.add(identity)
    this.#inWindow += group.waiting.size + group.out.size - before
    this.#offer(name, group)
  }

  #group(name: string): Group {
    let group = this.#groups.get(name)
    if (group === undefined) {
      group = { waiting: new SortedNumbers(), out: new SortedNumbers() }
      this.#groups.set(name, group)
    }
    return group
  }

  #offer(name: string, group: Group): void {
    if (this.#givable(group) > 0) this.#open.push(group.waiting.first, name)
  }

  /** How many of its waiting messages have no earlier one in flight. */
  #givable(group: Group): number {
    return group.out.size === 0 ? group.waiting.size : group.waiting.countBelow(group.out.first)
  }

  /** The group to give out from: the one whose first message is oldest. */
  #firstOpen(): Group | undefined {
    while (this.#open.size > 0) {
      const name = this.#open.first as string
      const group = this.#groups.get(name)
      if (group !== undefined) {
        this.#dropGone(group)
        if (this.#givable(group) > 0) {
          if (group.waiting.first === this.#open.minimum) return group
          this.#open.pop()
          this.#offer(name, group)
          continue
        }
        if (group.waiting.size === 0 && group.out.size === 0) this.#groups.delete(name)
      }
      this.#open.pop()
    }
    return undefined
  }

  /** Messages at its head that were purged or expired while they waited. */
  #dropGone(group: Group): void {
    while (group.waiting.size > 0 && this.#state.isGone(group.waiting.first)) {
      group.waiting.shift()
      this.#inWindow--
    }
  }

  /** Moves the cursor to the next message that was not read yet. */
  #advance(): number {
    for (;;) {
      this.#cursor = this.#state.gone.nextMissing(this.#cursor)
      if (!this.#state.relocated.has(this.#cursor)) return this.#cursor
      this.#cursor++
    }
  }
}
