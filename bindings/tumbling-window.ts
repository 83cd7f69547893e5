import type { OpenWindow, WindowProgress } from '../broker/wire/binding.ts'
import { MillraceError } from '../broker/wire/errors.ts'
import type { Client } from '../client/index.ts'
import { type BatchWindow, backOff } from './batch-delivery.ts'
import { type DeadLetterContext, sendDeadLetter } from './dead-letter.ts'
import type { PendingRecord } from './kinesis-event.ts'
import type { LaneWindows } from './lane.ts'
import type { Delivered } from './targets.ts'
import { sleep } from './time.ts'

/** A state may have as much; one that is larger ends its window. */
const stateBytesMax = 1024 * 1024
/** A record's time is that of its arrival, and it is stored a moment later. */
const graceMillis = 1_000
const againMillis = 1_000

export interface TumblingWindowOptions extends DeadLetterContext {
  readonly client: Client
  readonly shard: number
  readonly tumblingMillis: number
  /** Fires when the binding stops: nothing more is begun. */
  readonly signal: AbortSignal
  /** The sequence behind the last record that was read. */
  readonly read: () => number
}

/**
 * The window of time that is open in a shard: its state goes with every event, and comes back with the answer; at its end the handler is called
 * once more, without records. State and position are kept as one, before the records count as done with, so that after a crash no record is
 * in a state twice (docs.aws.amazon.com/lambda, "Tumbling windows").
 */
export class TumblingWindow implements BatchWindow, LaneWindows {
  readonly bytes = stateBytesMax
  readonly #options: TumblingWindowOptions
  #open: OpenWindow | undefined
  #isTooLarge = false
  /** Everything before this is in a state that was kept. */
  #next: number
  #notBefore = 0

  private constructor(options: TumblingWindowOptions, { next, window }: WindowProgress) {
    this.#options = options
    this.#next = next
    this.#open = window
  }

  /** Goes on from what was kept. */
  static async load(options: TumblingWindowOptions): Promise<TumblingWindow> {
    const path = pathOf(options)
    return new TumblingWindow(options, (await options.client.endpoint.call({ method: 'GET', path })) as WindowProgress)
  }

  /** Whether a record is in the state already, though the position says that it is not done with. */
  has({ sequence }: PendingRecord): boolean {
    return sequence < this.#next
  }

  together(first: PendingRecord, other: PendingRecord): boolean {
    return this.#endFor(first) === this.#endFor(other)
  }

  get restsAt(): number | undefined {
    return this.#open && Math.max(this.#notBefore, this.#open.end + graceMillis)
  }

  /** Ends the window whose time is over, once all records there are were read. */
  async rest(): Promise<void> {
    const { client, binding, shard, time, read } = this.#options
    this.#notBefore = time.now() + againMillis
    try {
      const { shards } = await client.stream(binding.source.stream).describe()
      const next = shards.find((each) => each.shard === shard)?.next ?? 0
      if (read() >= next) await this.close()
    } catch (error) {
      // A broker that cannot say it now is asked again.
      if (!(error instanceof MillraceError)) throw error
    }
  }

  /** Ends the window that is open, if the records of a batch are behind it. */
  async begin([first]: readonly PendingRecord[]): Promise<void> {
    if (this.#open !== undefined && this.#endFor(first as PendingRecord) !== this.#open.end) await this.close()
  }

  membersFor(records: readonly PendingRecord[]): object {
    const [first] = records as readonly [PendingRecord]
    const end = this.#endFor(first)
    this.#open ??= {
      start: end - this.#options.tumblingMillis,
      end,
      state: {},
      first: markOf(first),
      last: markOf(first),
      count: 0,
    }
    return this.#members(this.#open, { final: false })
  }

  take(records: readonly PendingRecord[], payload: Uint8Array): boolean {
    const state = stateIn(payload)
    const last = records.at(-1)
    if (last === undefined) return true
    const window = this.#open as OpenWindow
    const count = window.count + records.length
    // Beside failures that an answer names, its state is that of the records before them; it may have none.
    this.#open = { ...window, state: state === undefined ? window.state : state, last: markOf(last), count }
    this.#isTooLarge = state !== undefined && Buffer.byteLength(JSON.stringify(state)) > stateBytesMax
    return state !== undefined
  }

  /** Keeps the state with the position it belongs to; false when the binding stops before that could be done. */
  async keep(next: number): Promise<boolean> {
    if (this.#isTooLarge) return this.close(next)
    const { client, time, signal } = this.#options
    const progress: WindowProgress = this.#open === undefined ? { next } : { next, window: this.#open }
    for (;;) {
      try {
        await client.endpoint.call({ method: 'PUT', path: pathOf(this.#options), body: progress })
        this.#next = next
        return true
      } catch (error) {
        if (!(error instanceof MillraceError)) throw error
        if (!signal.aborted) await sleep(time, againMillis, signal)
        // Of a binding that is gone there is nothing to keep; its runner hears of that.
        if (signal.aborted || !error.retryable) return false
      }
    }
  }

  /** Calls the handler once more for the window that is open: it is over. False when the binding stops before that was done. */
  async close(next = this.#next): Promise<boolean> {
    const window = this.#open
    if (window === undefined) return true
    const { binding, signal } = this.#options
    let failures = 0
    for (let tries = 1; !signal.aborted; tries++) {
      const result = await this.#callFinally(window)
      if (result?.failed) failures++
      if (result?.failed === false || (await this.#isGivenUp(window, failures, result))) {
        this.#open = undefined
        this.#isTooLarge = false
        return this.keep(next)
      }
      await backOff(this.#options, tries, binding)
    }
    return false
  }

  /** Undefined when the target could not be called. */
  async #callFinally(window: OpenWindow): Promise<Delivered | undefined> {
    const { targets, binding, events, report } = this.#options
    const members = this.#members(window, { final: true })
    try {
      const delivery = { event: () => events.eventOf([], members), items: [] }
      const result = await targets.deliver(binding.target, delivery, binding)
      if (!result.failed) report('OK')
      else report('PROBLEM: Function call failed', Buffer.from(result.payload).toString().slice(0, 1_024))
      return result
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error
      report('PROBLEM: Function call failed', error.message)
      return undefined
    }
  }

  /** Whether the last call of a window failed once too often, and whoever is to hear of it has. */
  async #isGivenUp(window: OpenWindow, failures: number, last: Delivered | undefined): Promise<boolean> {
    const { retriesMax, ageMillisMax } = this.#options.binding.retry
    const old = ageMillisMax !== null && window.last.time + ageMillisMax < this.#options.time.now()
    if (!old && (retriesMax === null || failures <= retriesMax)) return false
    const condition = old ? 'RecordAgeExceeded' : 'RetryAttemptsExhausted'
    return sendDeadLetter(this.#options, window, { condition, count: failures, last })
  }

  /** A window that is open takes what is older, too: records of one moment may be stored in another order. */
  #endFor({ time }: PendingRecord): number {
    const { tumblingMillis } = this.#options
    if (this.#open !== undefined && time < this.#open.end) return this.#open.end
    return (Math.floor(time / tumblingMillis) + 1) * tumblingMillis
  }

  #members({ start, end, state }: OpenWindow, { final }: { readonly final: boolean }): object {
    const { events, binding } = this.#options
    return {
      window: { start: textOf(start), end: textOf(end) },
      state,
      shardId: events.shardId,
      eventSourceARN: binding.source.arn,
      isFinalInvokeForWindow: final,
      isWindowTerminatedEarly: final && this.#isTooLarge,
    }
  }
}

function pathOf({ binding, shard }: TumblingWindowOptions): string {
  return `/v1/bindings/${encodeURIComponent(binding.name)}/windows/${shard}`
}

function markOf({ sequence, time }: PendingRecord) {
  return { sequence, time }
}

/** Whole seconds, as AWS writes them, where they are whole. */
function textOf(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z')
}

/** The state in an answer; undefined when there is none. */
function stateIn(payload: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(payload).toString())
    return typeof value === 'object' && value !== null && 'state' in value ? value.state : undefined
  } catch {
    // No JSON has no state.
    return undefined
  }
}
