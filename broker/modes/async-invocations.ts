import { Packr } from 'msgpackr'
import type { Timer } from '../clock.ts'
import type { JournalOwner } from '../log/journal.ts'
import type { Logs } from '../log/logs.ts'
import { MillraceError } from '../wire/errors.ts'
import type { MessageAttribute } from '../wire/queue-message.ts'
import { asyncRecord, deadLetterAttributes } from './async-record.ts'
import type { AsyncConfig } from './function-record.ts'
import type { FunctionResult, FunctionTarget, InvocationInput } from './functions.ts'

/** Own data only, and plain maps and arrays only. */
const packr = new Packr({ useRecords: false })

/** An invocation whose answer nobody waits for. */
export interface AsyncInvocation {
  readonly id: string
  readonly target: FunctionTarget
  readonly input: InvocationInput & { readonly payload: Uint8Array }
  /** When it was taken, milliseconds since 1970. */
  readonly at: number
  /** How often it failed. */
  readonly failures: number
  /** How often it was refused, because too much else was running. */
  readonly refusals: number
  /** When it is to be tried again. */
  readonly due: number
}

type Entry =
  | { readonly kind: 'taken'; readonly invocation: AsyncInvocation }
  | {
      readonly kind: 'failed'
      readonly id: string
      readonly failures: number
      readonly refusals: number
      readonly due: number
    }
  | { readonly kind: 'done'; readonly id: string }

/** What a destination is told; the attributes are for where messages have some. */
export interface AsyncNotice {
  readonly payload: Uint8Array
  readonly id: string
  readonly attributes?: Readonly<Record<string, MessageAttribute>>
  readonly trace?: string
}

export interface AsyncInvocationsOptions {
  readonly logs: Logs
  readonly run: (target: FunctionTarget, input: InvocationInput) => Promise<FunctionResult>
  /** How invocations of a target are retried, and who hears how they ended. */
  readonly config: (target: FunctionTarget) => Partial<AsyncConfig> & { readonly deadLetterArn?: string }
  /** Sends to what an ARN names. */
  readonly deliver: (arn: string, notice: AsyncNotice) => Promise<void>
  readonly onFault: (error: unknown) => void
}

/**
 * Invocations whose answer nobody waits for, kept in the journal until they are done with: handled, or tried for the last time, and whoever
 * is to hear of it told.
 */
export class AsyncInvocations implements JournalOwner {
  readonly number = 3
  readonly #pending = new Map<string, AsyncInvocation>()
  readonly #timers = new Map<string, Timer>()
  #bytes = 0
  #options: AsyncInvocationsOptions | undefined
  #closed = false

  /** Begins with what was left when the broker ended. */
  attach(options: AsyncInvocationsOptions): void {
    this.#options = options
    for (const invocation of this.#pending.values()) this.#schedule(invocation)
  }

  /**
   * Takes an invocation; it is durable when this resolves.
   * @throws throttled when too much is waiting
   */
  async take(
    id: string,
    target: FunctionTarget,
    input: InvocationInput & { readonly payload: Uint8Array },
  ): Promise<void> {
    const { logs } = this.#attached()
    const limit = logs.limits.asyncInvocationsBytesMax
    const bytes = this.#bytes + input.payload.length
    if (bytes > limit) throw new MillraceError('throttled', { bytes, limit })
    const now = logs.clock.now()
    const { onChunk: _, ...kept } = input
    const invocation = { id, target, input: kept, at: now, failures: 0, refusals: 0, due: now }
    await this.#write({ kind: 'taken', invocation })
    this.#schedule(invocation)
  }

  replay(entry: Uint8Array): void {
    this.#apply(packr.unpack(entry) as Entry)
  }

  restore(snapshot: Uint8Array): void {
    for (const invocation of packr.unpack(snapshot) as AsyncInvocation[]) this.#apply({ kind: 'taken', invocation })
  }

  snapshot(): Uint8Array {
    return packr.pack([...this.#pending.values()])
  }

  /** Begins no more; what is left is taken up at the next start. */
  close(): void {
    this.#closed = true
    for (const timer of this.#timers.values()) timer.cancel()
  }

  #attached(): AsyncInvocationsOptions {
    if (this.#options === undefined || this.#closed) throw new MillraceError('draining')
    return this.#options
  }

  async #write(entry: Entry): Promise<void> {
    await this.#attached().logs.committer.journal(this.number, packr.pack(entry))
    this.#apply(entry)
  }

  #apply(entry: Entry): void {
    if (entry.kind === 'taken') {
      this.#pending.set(entry.invocation.id, entry.invocation)
      this.#bytes += entry.invocation.input.payload.length
      return
    }
    const there = this.#pending.get(entry.id)
    if (there === undefined) return
    if (entry.kind === 'failed') {
      const { failures, refusals, due } = entry
      this.#pending.set(entry.id, { ...there, failures, refusals, due })
    } else {
      this.#pending.delete(entry.id)
      this.#bytes -= there.input.payload.length
    }
  }

  #schedule({ id, due }: AsyncInvocation): void {
    const { logs, onFault } = this.#attached()
    const timer = logs.clock.after(due - logs.clock.now(), () => {
      this.#timers.delete(id)
      const invocation = this.#pending.get(id)
      if (invocation === undefined || this.#closed) return
      this.#try(invocation).catch((error: unknown) => {
        // It stays, and is tried again after the next start at the latest.
        if (!this.#closed) onFault(error)
      })
    })
    this.#timers.set(id, timer)
  }

  async #try(invocation: AsyncInvocation): Promise<void> {
    const { logs, run, config } = this.#attached()
    const { limits, clock } = logs
    const { retriesMax = limits.asyncRetriesMax, ageSecondsMax } = config(invocation.target)
    const expires = invocation.at + (ageSecondsMax === undefined ? limits.asyncAgeMillisMax : ageSecondsMax * 1000)
    if (clock.now() > expires) return this.#finish(invocation, 'EventAgeExceeded', undefined)
    let result: FunctionResult
    try {
      result = await run(invocation.target, { ...invocation.input, requestId: invocation.id })
    } catch (error) {
      return this.#refused(invocation, MillraceError.wrap(error), expires)
    }
    if (!result.failed) return this.#finish(invocation, 'Success', result)
    const failures = invocation.failures + 1
    if (failures > retriesMax) return this.#finish({ ...invocation, failures }, 'RetriesExhausted', result)
    const due = clock.now() + limits.asyncRetryMillis * failures
    if (due > expires) return this.#finish({ ...invocation, failures }, 'EventAgeExceeded', result)
    await this.#again({ ...invocation, failures, due })
  }

  /** Too much else was running: that is no failure of the function, and is tried again until the event is too old. */
  async #refused(invocation: AsyncInvocation, error: MillraceError, expires: number): Promise<void> {
    const { clock, limits } = this.#attached().logs
    const refusals = invocation.refusals + 1
    const due = clock.now() + Math.min(limits.asyncRefusalMillisMax, 1_000 * 2 ** (refusals - 1))
    const never = error.details['limit'] === 0
    if (!error.retryable || never || due > expires) {
      await this.#finish(
        { ...invocation, refusals },
        never || error.retryable ? 'EventAgeExceeded' : 'RetriesExhausted',
        undefined,
      )
    } else {
      await this.#again({ ...invocation, refusals, due })
    }
  }

  async #again(invocation: AsyncInvocation): Promise<void> {
    const { id, failures, refusals, due } = invocation
    await this.#write({ kind: 'failed', id, failures, refusals, due })
    this.#schedule(invocation)
  }

  /** Tells who is to hear of it, and lets it go. */
  async #finish(
    invocation: AsyncInvocation,
    condition: 'Success' | 'RetriesExhausted' | 'EventAgeExceeded',
    result: FunctionResult | undefined,
  ): Promise<void> {
    const { logs, config, deliver, onFault } = this.#attached()
    const { onSuccess, onFailure, deadLetterArn } = config(invocation.target)
    const record = () => Buffer.from(JSON.stringify(asyncRecord(invocation, condition, result, logs.clock.now())))
    const arn = condition === 'Success' ? onSuccess : onFailure
    try {
      const { id, input } = invocation
      const { traceId: trace } = input
      const traced = trace === undefined ? { id } : { id, trace }
      if (arn !== undefined) await deliver(arn, { ...traced, payload: record() })
      else if (condition !== 'Success' && deadLetterArn !== undefined) {
        const attributes = deadLetterAttributes(invocation, condition, result)
        await deliver(deadLetterArn, { ...traced, payload: input.payload, attributes })
      }
    } catch (error) {
      // A destination that was deleted cannot be told, however often it is tried; one that cannot take it now can.
      if (MillraceError.wrap(error).retryable && !this.#closed) {
        await this.#again({ ...invocation, due: logs.clock.now() + logs.limits.asyncRetryMillis })
        return
      }
      onFault(error)
    }
    await this.#write({ kind: 'done', id: invocation.id })
  }
}
