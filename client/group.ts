import type { Endpoint } from '../broker/wire/endpoint.ts'
import { MillraceError } from '../broker/wire/errors.ts'
import type { Assignment } from '../broker/wire/stream-description.ts'
import { type BackgroundTimer, backgroundTimer } from './background-timer.ts'
import { Backoff } from './backoff.ts'
import { GroupShard, type Handler } from './group-shard.ts'
import { randomId } from './random-id.ts'
import type { Subscription } from './subscription.ts'

export interface GroupOptions {
  /** This member's name; must be unique in the group. Default: random. */
  readonly member?: string
  /** How long the broker keeps shards for a member that says nothing, in milliseconds. Default 10,000. */
  readonly leaseMillis?: number
  /** Where a group that is new begins. Default `horizon`. */
  readonly from?: 'horizon' | 'latest'
}

/** What a group needs to know of its surroundings. */
export interface GroupContext {
  readonly endpoint: Endpoint
  /** `/v1/streams/NAME`. */
  readonly path: string
  readonly name: string
  /** Whether the broker's time moves by itself. */
  readonly realTime: boolean
  /** Reads one shard from a sequence on. */
  readonly read: (shard: number, from: number) => Subscription
  readonly checkpoint: (shard: number, next: number, fence: number, member: string) => Promise<void>
  readonly onClose: () => void
}

/**
 * One member of a consumer group: the stream's shards are shared out among all members, and what is handled is checkpointed at the
 * broker. Records are handled at least once: after a member's end another goes on from its last checkpoint.
 */
export class Group implements AsyncDisposable {
  readonly member: string
  readonly #context: GroupContext
  readonly #leaseMillis: number
  readonly #from: 'horizon' | 'latest'
  readonly #stopping = new AbortController()
  readonly #shards = new Map<number, GroupShard>()
  readonly #released = new Set<number>()
  readonly #backoff = new Backoff()
  #handler: Handler = () => undefined
  #running: Promise<void> | undefined
  #lease: BackgroundTimer | undefined
  #failure: unknown
  /** Ends the wait for news early: something is to be told. */
  #hurry: AbortController | undefined

  constructor(context: GroupContext, options: GroupOptions) {
    this.#context = context
    this.member = options.member ?? `member-${randomId().toString(36)}`
    this.#leaseMillis = options.leaseMillis ?? 10_000
    this.#from = options.from ?? 'horizon'
  }

  /** The shards this member holds now. */
  get shards(): number[] {
    return [...this.#shards.keys()].sort((a, b) => a - b)
  }

  /**
   * Takes part until `signal` fires or `close` is called; then resolves when handlers are done, what they did is checkpointed, and the
   * shards are given back. A handler that throws ends it too: nothing behind that record is checkpointed, and run rejects with its error.
   * @throws bad_request when it runs already; stream_not_found and other errors that trying again cannot mend
   */
  run(handler: Handler, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    if (this.#running !== undefined) {
      return Promise.reject(new MillraceError('bad_request', { reason: 'This member of the group runs already.' }))
    }
    this.#handler = handler
    this.#running = this.#run(options.signal)
    return this.#running
  }

  /** Ends `run`, and waits for it. */
  async close(): Promise<void> {
    this.#stop()
    // Whoever called run() hears how it ended.
    await this.#running?.catch(() => undefined)
    this.#context.onClose()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #run(signal: AbortSignal | undefined): Promise<void> {
    const stop = () => this.#stop()
    signal?.addEventListener('abort', stop)
    if (signal?.aborted) stop()
    try {
      await this.#takePart()
    } finally {
      signal?.removeEventListener('abort', stop)
      this.#lease?.cancel()
      await this.#giveUpAll()
      await this.#leave()
      this.#context.onClose()
    }
    if (this.#failure !== undefined) throw this.#failure
  }

  get #memberPath(): string {
    const { path, name } = this.#context
    return `${path}/groups/${encodeURIComponent(name)}/members/${encodeURIComponent(this.member)}`
  }

  #stop(): void {
    this.#stopping.abort()
    this.#hurry?.abort()
  }

  async #takePart(): Promise<void> {
    let version = 0
    while (!this.#stopping.signal.aborted) {
      const released = [...this.#released]
      try {
        const assignment = await this.#renew(version, released)
        for (const shard of released) this.#released.delete(shard)
        this.#backoff.reset()
        this.#armLease()
        version = assignment.version
        this.#follow(assignment)
      } catch (error) {
        const known = MillraceError.wrap(error)
        if (this.#hurry?.signal.aborted === true) continue
        if (!known.retryable) throw known
        version = 0
        await this.#backoff.wait(this.#stopping.signal)
      }
    }
  }

  async #renew(version: number, released: number[]): Promise<Assignment> {
    const hurry = new AbortController()
    this.#hurry = hurry
    if (this.#stopping.signal.aborted) hurry.abort()
    const { endpoint } = this.#context
    const body = {
      leaseMillis: this.#leaseMillis,
      version,
      waitMillis: released.length > 0 ? 0 : Math.floor(this.#leaseMillis / 3),
      released,
      from: this.#from,
    }
    return (await endpoint.call({ method: 'PUT', path: this.#memberPath, body, signal: hurry.signal })) as Assignment
  }

  /** Begins what is new, and gives up what is no longer ours or is to be given back. */
  #follow({ shards, revoke }: Assignment): void {
    const fences = new Map(shards.map(({ shard, fence }) => [shard, fence]))
    for (const held of this.#shards.values()) {
      // What is given up goes back when its handler is done and its last checkpoint is written.
      if (fences.get(held.shard) !== held.fence || revoke.includes(held.shard)) held.stop()
    }
    for (const { shard, fence, next } of shards) {
      if (!this.#shards.has(shard) && !revoke.includes(shard)) this.#begin(shard, fence, next)
    }
  }

  #begin(shard: number, fence: number, next: number): void {
    const { member } = this
    const held = new GroupShard({
      shard,
      fence,
      subscription: this.#context.read(shard, next),
      handler: this.#handler,
      leaseMillis: this.#leaseMillis,
      checkpoint: (position) => this.#context.checkpoint(shard, position, fence, member),
    })
    this.#shards.set(shard, held)
    held.ended.then(
      () => this.#ended(held),
      (error: unknown) => this.#failed(held, error),
    )
  }

  #ended(held: GroupShard): void {
    if (this.#shards.get(held.shard) === held) this.#shards.delete(held.shard)
    this.#released.add(held.shard)
    this.#hurry?.abort()
  }

  #failed(held: GroupShard, error: unknown): void {
    this.#ended(held)
    // Whoever lost its lease has nothing to complain about: another member goes on.
    if (error instanceof MillraceError && error.code === 'lease_lost') return
    this.#failure ??= error
    this.#stop()
  }

  /** Without a renewal in time others may hold our shards already: stop handling, whatever the network does. */
  #armLease(): void {
    this.#lease?.cancel()
    if (!this.#context.realTime) return
    this.#lease = backgroundTimer(this.#leaseMillis, () => {
      for (const held of this.#shards.values()) held.stop()
    })
  }

  async #giveUpAll(): Promise<void> {
    const all = [...this.#shards.values()]
    for (const held of all) held.stop()
    await Promise.allSettled(all.map((held) => held.ended))
  }

  async #leave(): Promise<void> {
    // If it cannot be told, the lease runs out.
    await this.#context.endpoint.call({ method: 'DELETE', path: this.#memberPath }).catch(() => undefined)
  }
}
