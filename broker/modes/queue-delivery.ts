import type { Clock, Timer } from '../clock.ts'
import type { Limits } from '../limits.ts'
import { MillraceError } from '../wire/errors.ts'
import type { QueueInventory } from './queue-inventory.ts'
import type { QueueReader, StoredMessage } from './queue-reader.ts'
import type { Held } from './queue-state.ts'

/** A message that was given out. */
export interface Picked {
  readonly held: Held
  readonly message: StoredMessage
}

/** Somebody who takes messages: one receive, or a consumer's stream for as long as it has credit. */
export interface Taker {
  /** Whether it stays in line where a queue that is full would refuse a receive. */
  readonly lasting?: boolean
  /** How many messages it takes now; 0 when none. */
  want(): number
  /** How long they stay invisible to others; the queue's own time when left out. */
  readonly visibilityMillis: number | undefined
  /** So many are on their way to it. */
  reserve(count: number): void
  /** Takes messages. False when nobody is there any more; then they are given back. */
  deliver(picked: readonly Picked[]): boolean
  /** There is nothing to give out now; one that does not wait ends here. */
  nothing(): void
  fail(error: MillraceError): void
}

/** What a delivery needs of its queue. */
export interface DeliveryQueue {
  readonly name: string
  readonly fifo: boolean
  readonly clock: Clock
  readonly limits: Limits
  readonly visibilityMillis: number
  readonly retentionMillis: number
  /** How often a message may be received before it is buried; undefined when never. */
  readonly maxReceives: number | undefined
  /** Writes down who holds what; resolves when that is durable. */
  writeLeases(held: readonly Held[]): Promise<void>
  /** These have expired. */
  writeExpired(identities: readonly number[]): void
  /** Moves messages that were received too often to the dead-letter queue, durably. */
  bury(picked: readonly Picked[]): Promise<void>
}

/** Gives a queue's messages out to whoever takes them: in turn, as soon as there are any, and never to somebody who left. */
export class QueueDelivery {
  readonly #queue: DeliveryQueue
  readonly #inventory: QueueInventory
  readonly #reader: QueueReader
  /** In turn: who was served goes to the end. */
  readonly #takers = new Set<Taker>()
  #running = false
  #again = false
  #timer: Timer | undefined
  #timerDue = Number.POSITIVE_INFINITY
  /** When somebody was last looked for messages for. */
  #lookedAt = 0
  #closed: MillraceError | undefined

  constructor(queue: DeliveryQueue, inventory: QueueInventory, reader: QueueReader) {
    this.#queue = queue
    this.#inventory = inventory
    this.#reader = reader
  }

  add(taker: Taker): void {
    if (this.#closed !== undefined) {
      taker.fail(this.#closed)
      return
    }
    this.#takers.add(taker)
    this.wake()
  }

  remove(taker: Taker): void {
    this.#takers.delete(taker)
    if (this.#takers.size === 0) this.#disarm()
  }

  /** Something may have become visible, or somebody takes more. */
  wake(): void {
    if (this.#takers.size === 0 || this.#closed !== undefined) return
    this.#again = true
    if (this.#running) return
    this.#running = true
    this.#run().catch((error: unknown) => this.#failAll(MillraceError.wrap(error)))
  }

  /** Ends it: whoever waits is told `error`. */
  close(error: MillraceError): void {
    this.#closed = error
    this.#failAll(error)
  }

  async #run(): Promise<void> {
    try {
      while (this.#again && this.#closed === undefined) {
        this.#again = false
        await this.#serve()
      }
    } finally {
      // In the same turn as the last look, so that nobody counts on a round that is over.
      this.#running = false
    }
    this.#arm()
  }

  /** Serves takers in turn until there is nothing more to give out or nobody takes. */
  async #serve(): Promise<void> {
    for (;;) {
      const taker = this.#nextTaker()
      if (taker === undefined) return
      let picked: Picked[]
      try {
        picked = await this.#pick(taker)
      } catch (error) {
        this.#takers.delete(taker)
        taker.fail(MillraceError.wrap(error))
        continue
      }
      if (picked.length === 0) {
        for (const each of [...this.#takers]) each.nothing()
        return
      }
      // To the end of the line, if it is still in it.
      if (this.#takers.delete(taker)) this.#takers.add(taker)
      taker.reserve(picked.length)
      this.#hand(taker, picked)
    }
  }

  #nextTaker(): Taker | undefined {
    for (const taker of this.#takers) if (taker.want() > 0) return taker
    return undefined
  }

  /**
   * A FIFO queue's leases are durable before the messages leave, since a group's lock must survive a crash. Those of a standard
   * queue are written beside it: what a crash loses of them is delivered again, which is what at-least-once allows.
   */
  #hand(taker: Taker, picked: readonly Picked[]): void {
    const held = picked.map((each) => each.held)
    const written = this.#queue.writeLeases(held)
    const deliver = () => {
      if (!this.#takers.has(taker) || !taker.deliver(picked)) this.#giveBack(held)
    }
    const refuse = (error: unknown) => {
      for (const each of held) this.#inventory.giveBack(each)
      this.#takers.delete(taker)
      taker.fail(MillraceError.wrap(error))
    }
    if (this.#queue.fifo) {
      written.then(deliver, refuse)
      return
    }
    // A lease that cannot be written holds in memory; nobody was promised more.
    written.catch(() => undefined)
    deliver()
  }

  #giveBack(held: readonly Held[]): void {
    for (const each of held) this.#inventory.giveBack(each)
    // What is not written here shows as a receive that nobody made, after a crash; it does no harm.
    this.#queue.writeLeases(held).catch(() => undefined)
    this.wake()
  }

  /** Chooses messages for a taker and leases them; none when there are none. */
  async #pick(taker: Taker): Promise<Picked[]> {
    const { limits, clock } = this.#queue
    const picked: Picked[] = []
    const buried: Picked[] = []
    const loaded = new Map<number, StoredMessage>()
    let lookAhead = limits.queueLookAheadMax
    // Once only: with a visibility timeout of 0 what was just given out would come again and again.
    this.#lookedAt = clock.now()
    this.#inventory.settle(this.#lookedAt)
    for (let want = taker.want(); picked.length < want; want = Math.min(want, taker.want())) {
      const room = this.#room(taker, picked.length, want - picked.length)
      if (room === 0) break
      const step = this.#inventory.order.next(room, lookAhead > 0, clock.now())
      if (step.kind === 'none') break
      if (step.kind === 'read') {
        const message = this.#reader.find(step.sequence)
        if (message !== undefined) {
          lookAhead--
          this.#inventory.order.seen(message, lookAhead > 0, clock.now())
        } else if (!(await this.#reader.load(step.sequence))) this.#inventory.order.passed(step.sequence)
        continue
      }
      // Reading may take turns of the event loop, after which the order is asked again; taking happens in one.
      const absent = step.identities.find((identity) => !this.#find(identity, loaded))
      if (absent === undefined) this.#take(step.identities, loaded, taker, picked, buried)
      else if (!(await this.#reader.load(this.#inventory.state.placeOf(absent)))) this.#lost(absent)
    }
    if (buried.length === 0) return picked
    await this.#queue.bury(buried)
    // What was buried may have locked its group, or taken the place of what can be received.
    return picked.length > 0 ? picked : this.#pick(taker)
  }

  /**
   * How many more may be in flight, `want` at most.
   * @throws in_flight_limit for a standard queue that is full, as SQS has it; a FIFO queue gives out nothing
   */
  #room(taker: Taker, picked: number, want: number): number {
    const limit = this.#queue.limits.queueInFlightMax
    const room = Math.max(0, limit - this.#inventory.inFlight)
    if (room === 0 && picked === 0 && !this.#queue.fifo && taker.lasting !== true) {
      throw new MillraceError('in_flight_limit', { queue: this.#queue.name, limit })
    }
    return Math.min(room, want)
  }

  #find(identity: number, loaded: Map<number, StoredMessage>): boolean {
    if (loaded.has(identity)) return true
    const message = this.#reader.find(this.#inventory.state.placeOf(identity))
    if (message !== undefined) loaded.set(identity, message)
    return message !== undefined
  }

  /** Retention by size took the message away. */
  #lost(identity: number): void {
    this.#inventory.gone([identity])
    this.#queue.writeExpired([identity])
  }

  #take(
    identities: readonly number[],
    loaded: ReadonlyMap<number, StoredMessage>,
    taker: Taker,
    picked: Picked[],
    buried: Picked[],
  ): void {
    const now = this.#queue.clock.now()
    const { retentionMillis, maxReceives, visibilityMillis } = this.#queue
    for (const identity of identities) {
      const message = loaded.get(identity) as StoredMessage
      const { sent = message.time, extras } = message.envelope
      const held = this.#inventory.state.held.get(identity)
      if (sent + retentionMillis <= now) {
        this.#lost(identity)
      } else if (
        held !== undefined &&
        maxReceives !== undefined &&
        held.count - (extras?.receives ?? 0) >= maxReceives
      ) {
        held.group = message.envelope.group
        this.#inventory.leave(held)
        buried.push({ held, message })
      } else {
        const visibleAt = now + (taker.visibilityMillis ?? visibilityMillis)
        picked.push({ held: this.#inventory.lease(identity, message, now, visibleAt), message })
      }
    }
  }

  /** Waits for what falls due next, while somebody wants messages. */
  #arm(): void {
    if (this.#closed !== undefined || this.#nextTaker() === undefined) return
    const due = this.#inventory.dueAfter(this.#lookedAt)
    if (due === this.#timerDue) return
    this.#disarm()
    if (due === Number.POSITIVE_INFINITY) return
    const now = this.#queue.clock.now()
    if (due <= now) {
      this.wake()
      return
    }
    this.#timerDue = due
    this.#timer = this.#queue.clock.after(due - now, () => {
      this.#timerDue = Number.POSITIVE_INFINITY
      this.wake()
    })
  }

  #disarm(): void {
    this.#timer?.cancel()
    this.#timerDue = Number.POSITIVE_INFINITY
  }

  #failAll(error: MillraceError): void {
    this.#disarm()
    for (const taker of [...this.#takers]) {
      this.#takers.delete(taker)
      taker.fail(error)
    }
  }
}
