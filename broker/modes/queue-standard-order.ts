import type { Limits } from '../limits.ts'
import { MinHeap } from './queue-heap.ts'
import type { QueueOrder, Step } from './queue-order.ts'
import type { StoredMessage } from './queue-reader.ts'
import { SortedNumbers } from './queue-sorted.ts'
import type { Held, QueueState } from './queue-state.ts'

/** A message group of a standard queue: a tenant. */
interface Tenant {
  readonly name: string
  /** Messages of it in flight, and among those given out last. */
  inFlight: number
  recent: number
  /** Messages that wait while it is noisy. */
  readonly waiting: SortedNumbers
  /** Whether it is among those with messages that wait. */
  listed: boolean
}

/** How many of those given out last count towards who is noisy. */
const recentMax = 100
/** A tenant with fewer in flight and given out than this is never noisy; */
const noisyMin = 10
/** else one that has more than this part of all is. */
const noisyPart = 0.1

const none: Step = { kind: 'none' }

/**
 * The order of a standard queue: first what became visible again, oldest first, then on from the cursor. A message whose group is
 * noisy is put aside while messages of quieter groups may follow; what was put aside is given out group by group in turn.
 */
export class StandardOrder implements QueueOrder {
  readonly #state: QueueState
  readonly #end: () => number
  readonly #limits: Limits
  #cursor: number
  /** Identities that can be given out, each node from its key to `next`. */
  readonly #ready = new MinHeap<number>()
  readonly #tenants = new Map<string, Tenant>()
  /** Tenants with messages that wait, in turn. */
  #noisy: Tenant[] = []
  #waiting = 0
  #inFlight = 0
  readonly #recent: (Tenant | undefined)[] = []
  readonly due = Number.POSITIVE_INFINITY

  /** `end`: the sequence behind the last message. */
  constructor(state: QueueState, end: () => number, limits: Limits) {
    this.#state = state
    this.#end = end
    this.#limits = limits
    this.#cursor = state.gone.floor
    for (const held of state.held.values()) if (held.state === 'in flight') this.#inFlight++
  }

  get cursor(): number {
    return this.#cursor
  }

  next(_want: number, lookAhead: boolean, now: number): Step {
    const ready = this.#firstReady()
    if (ready !== undefined) return { kind: 'give', identities: [ready] }
    const tenant = this.#quietestWaiting()
    const waits = tenant !== undefined
    if (!waits || (lookAhead && this.#waiting < this.#limits.queueWindowMax && this.#isNoisy(tenant))) {
      const sequence = this.#advance(now)
      if (sequence < this.#end()) return { kind: 'read', sequence }
    }
    return waits ? { kind: 'give', identities: [tenant.waiting.first] } : none
  }

  seen(message: StoredMessage, lookAhead: boolean): void {
    this.#cursor = message.sequence + 1
    const { group } = message.envelope
    const tenant = group === undefined ? undefined : this.#tenant(group)
    if (tenant !== undefined && lookAhead && this.#isNoisy(tenant)) this.#putAside(tenant, message.sequence)
    else this.#ready.push(message.sequence, message.sequence + 1)
  }

  passed(sequence: number): void {
    if (this.#cursor === sequence) this.#cursor++
  }

  took(held: Held): void {
    const tenant = held.group === undefined ? undefined : this.#tenant(held.group)
    if (this.#ready.minimum === held.identity) this.#shiftReady()
    else if (tenant?.waiting.delete(held.identity)) this.#waiting--
    this.#inFlight++
    if (tenant !== undefined) {
      tenant.inFlight++
      tenant.recent++
    }
    this.#recent.push(tenant)
    if (this.#recent.length > recentMax) this.#forgetRecent()
  }

  visible(held: Held): void {
    this.#landed(held)
    const tenant = held.group === undefined ? undefined : this.#tenants.get(held.group)
    if (tenant !== undefined && this.#isNoisy(tenant)) this.#putAside(tenant, held.identity)
    else this.#ready.push(held.identity, held.identity + 1)
  }

  entered(held: Held): void {
    if (held.state === 'visible') this.#ready.push(held.identity, held.identity + 1)
  }

  visibleRange(first: number, next: number): void {
    if (first < next) this.#ready.push(first, next)
  }

  removed(held: Held): void {
    if (held.state !== 'visible') this.#landed(held)
  }

  /** A message that was in flight is so no longer. */
  #landed(held: Held): void {
    this.#inFlight = Math.max(0, this.#inFlight - 1)
    const tenant = held.group === undefined ? undefined : this.#tenants.get(held.group)
    if (tenant === undefined) return
    tenant.inFlight = Math.max(0, tenant.inFlight - 1)
    this.#forgetIdle(tenant)
  }

  /** The first identity that can be given out; those that were dealt with otherwise are skipped. */
  #firstReady(): number | undefined {
    while (this.#ready.size > 0) {
      const identity = this.#ready.minimum
      if (this.#canGive(identity)) return identity
      this.#shiftReady()
    }
    return undefined
  }

  #canGive(identity: number): boolean {
    const held = this.#state.held.get(identity)
    return held === undefined ? !this.#state.gone.has(identity) : held.state === 'visible'
  }

  #shiftReady(): void {
    const first = this.#ready.minimum + 1
    const next = this.#ready.first as number
    this.#ready.pop()
    if (first < next) this.#ready.push(first, next)
  }

  /** Moves the cursor to the next message that nothing is known of yet. */
  #advance(now: number): number {
    const { gone, held, relocated, delayed } = this.#state
    for (;;) {
      this.#cursor = gone.nextMissing(this.#cursor)
      if (held.get(this.#cursor)?.sequence === this.#cursor || relocated.has(this.#cursor)) {
        this.#cursor++
        continue
      }
      const behind = this.#delayedAt(this.#cursor)
      const range = delayed[behind]
      if (range === undefined || range.first > this.#cursor || range.due <= now) return this.#cursor
      this.#cursor = range.next
    }
  }

  /** The place of the first delayed range that ends behind `sequence`. */
  #delayedAt(sequence: number): number {
    const { delayed } = this.#state
    let low = 0
    let high = delayed.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((delayed[middle]?.next ?? 0) <= sequence) low = middle + 1
      else high = middle
    }
    return low
  }

  #tenant(name: string): Tenant {
    let tenant = this.#tenants.get(name)
    if (tenant === undefined) {
      tenant = { name, inFlight: 0, recent: 0, waiting: new SortedNumbers(), listed: false }
      this.#tenants.set(name, tenant)
    }
    return tenant
  }

  #isNoisy(tenant: Tenant): boolean {
    const load = tenant.inFlight + tenant.recent
    return load >= noisyMin && load > noisyPart * (this.#inFlight + this.#recent.length)
  }

  #putAside(tenant: Tenant, identity: number): void {
    if (!tenant.listed) this.#noisy.push(tenant)
    tenant.listed = true
    const before = tenant.waiting.size
    tenant.waiting.add(identity)
    this.#waiting += tenant.waiting.size - before
  }

  /** The quietest of the tenants with messages that wait; the first of these can be given out. */
  #quietestWaiting(): Tenant | undefined {
    while (this.#noisy.length > 0) {
      let chosen = 0
      for (let i = 1; i < this.#noisy.length; i++) {
        if (loadOf(this.#noisy[i]) < loadOf(this.#noisy[chosen])) chosen = i
      }
      const tenant = this.#noisy[chosen] as Tenant
      while (tenant.waiting.size > 0) {
        if (this.#canGive(tenant.waiting.first)) return tenant
        tenant.waiting.shift()
        this.#waiting--
      }
      this.#noisy.splice(chosen, 1)
      tenant.listed = false
      this.#forgetIdle(tenant)
    }
    return undefined
  }

  #forgetRecent(): void {
    const tenant = this.#recent.shift()
    if (tenant === undefined) return
    tenant.recent--
    this.#forgetIdle(tenant)
  }

  #forgetIdle(tenant: Tenant): void {
    if (tenant.inFlight === 0 && tenant.recent === 0 && !tenant.listed) this.#tenants.delete(tenant.name)
  }
}

function loadOf(tenant: Tenant | undefined): number {
  return tenant === undefined ? Number.POSITIVE_INFINITY : tenant.inFlight + tenant.recent
}
