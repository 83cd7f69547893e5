import { MillraceError } from '../broker/wire/errors.ts'
import { Backoff } from './backoff.ts'
import type { Batch, ConsumedRecord } from './batch.ts'
import type { Subscription } from './subscription.ts'

/** What a handler is told beside the record or batch. */
export interface HandlerContext {
  /** Fires when the shard is to be given up, or is lost: stop soon, another member is waiting. */
  readonly signal: AbortSignal
}

/** Handles one record after another, in order within a shard, shards side by side. */
export type RecordHandler = (record: ConsumedRecord, context: HandlerContext) => unknown
/** Handles whole batches. */
export type BatchHandler = (batch: Batch, context: HandlerContext) => unknown
export type Handler = RecordHandler | { readonly batch: BatchHandler }

export interface GroupShardOptions {
  readonly shard: number
  readonly fence: number
  readonly subscription: Subscription
  readonly handler: Handler
  readonly checkpoint: (next: number) => Promise<void>
  readonly leaseMillis: number
}

/** One shard that a member of a group holds: reads it, has its records handled, and checkpoints behind them. */
export class GroupShard {
  readonly shard: number
  readonly fence: number
  /** Settles when the handler is done and what it did is checkpointed; rejects with the handler's error, or `lease_lost`. */
  readonly ended: Promise<void>
  readonly #options: GroupShardOptions
  readonly #stopping = new AbortController()
  /** The sequence behind the last record handled, and behind the last one checkpointed. */
  #handled = -1
  #saved = -1
  #saving: Promise<void> | undefined
  #saveError: MillraceError | undefined

  constructor(options: GroupShardOptions) {
    this.#options = options
    this.shard = options.shard
    this.fence = options.fence
    this.ended = this.#run()
  }

  /** Stops reading, after the record that is being handled. */
  stop(): void {
    this.#stopping.abort()
  }

  async #run(): Promise<void> {
    const { subscription } = this.#options
    const { signal } = this.#stopping
    const close = () => void subscription.close()
    signal.addEventListener('abort', close)
    try {
      for await (const batch of subscription) {
        await this.#handle(batch)
        if (signal.aborted || this.#saveError !== undefined) break
        this.#saving ??= this.#save()
      }
    } finally {
      await subscription.close()
      await this.#saving
      await this.#saveLast()
    }
    if (this.#saveError !== undefined) throw this.#saveError
  }

  async #handle(batch: Batch): Promise<void> {
    const { handler } = this.#options
    const context = { signal: this.#stopping.signal }
    if (typeof handler !== 'function') {
      await handler.batch(batch, context)
      this.#handled = batch.next
      return
    }
    for (const record of batch.records) {
      await handler(record, context)
      this.#handled = record.sequence + 1
      if (context.signal.aborted) return
    }
  }

  /** Nobody comes after it to make up for it: so it is tried for as long as the lease may last. */
  async #saveLast(): Promise<void> {
    const backoff = new Backoff()
    const until = Date.now() + this.#options.leaseMillis
    for (;;) {
      await this.#save()
      if (this.#handled <= this.#saved || this.#saveError !== undefined || Date.now() > until) return
      await backoff.wait()
    }
  }

  /** One checkpoint at a time: while one is under way, the next one's position grows. A broker out of reach is asked again with the next batch. */
  async #save(): Promise<void> {
    try {
      while (this.#handled > this.#saved && this.#saveError === undefined) {
        const next = this.#handled
        await this.#options.checkpoint(next)
        this.#saved = next
      }
    } catch (error) {
      const known = MillraceError.wrap(error)
      if (!known.retryable) this.#saveError = known
    } finally {
      this.#saving = undefined
    }
  }
}
