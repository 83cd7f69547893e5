import type { BindingBatch } from '../broker/wire/binding.ts'
import { eventBytesMax, eventBytesOf, type PendingRecord } from './kinesis-event.ts'
import type { Time } from './time.ts'

/** Batches ahead of the one that is being handled, above which no more records are taken. */
const batchesAhead = 2

export interface LaneOptions {
  readonly batch: BindingBatch
  readonly time: Time
  readonly signal: AbortSignal
  /** Handles a batch; calls `settled` as it goes. Resolves when all is done with, or the binding stops. */
  readonly handle: (records: readonly PendingRecord[], settled: (next: number) => void) => Promise<void>
  /** Something was done with. */
  readonly onProgress: () => void
  /** Where there are windows of time. */
  readonly windows?: LaneWindows
}

/** How windows of time cut the batches of a lane. */
export interface LaneWindows {
  /** Whether two records may be in one batch. */
  together(first: PendingRecord, other: PendingRecord): boolean
  /** When `rest` is to be called if nothing waits until then. */
  readonly restsAt: number | undefined
  rest(): Promise<void>
  /** What the event of a batch has beside its records. */
  readonly bytes: number
}

/** Some of a shard's records, in order: gathers them into batches, and has one batch after another handled. */
export class Lane {
  readonly #options: LaneOptions
  /** Those that wait, and those that are being handled. */
  readonly #records: PendingRecord[] = []
  #bytes = 0
  #inHand = 0
  #wakes: (() => void)[] = []
  #ended = false
  /** Settles when all that was added is done with, after `end`, or when the binding stops. */
  readonly idle: Promise<void>

  constructor(options: LaneOptions) {
    this.#options = options
    options.signal.addEventListener('abort', () => this.#wake())
    this.idle = this.#run()
  }

  /** The first record that is not done with; undefined when all are. */
  get lowest(): number | undefined {
    return this.#records[0]?.sequence
  }

  /** Whether it takes more now; when not, progress says when. */
  get hasRoom(): boolean {
    const waiting = this.#records.length - this.#inHand
    return waiting < this.#options.batch.recordsMax * batchesAhead && this.#bytes < eventBytesMax * batchesAhead
  }

  add(record: PendingRecord): void {
    this.#records.push(record)
    this.#bytes += eventBytesOf(record)
    this.#wake()
  }

  /** Nothing more will be added. */
  end(): void {
    this.#ended = true
    this.#wake()
  }

  async #run(): Promise<void> {
    const { signal, handle, onProgress } = this.#options
    while (!signal.aborted) {
      const count = await this.#gather()
      if (count === 0) return
      this.#inHand = count
      const behind = (this.#records[count - 1] as PendingRecord).sequence + 1
      await handle(this.#records.slice(0, count), (next) => this.#settle(Math.min(next, behind)))
      this.#inHand = 0
      onProgress()
    }
  }

  /** Waits for a batch: full, or as old as the window. Returns how many records it has; 0 at the end. */
  async #gather(): Promise<number> {
    const { batch, time, signal } = this.#options
    while (this.#records.length === 0) {
      if (this.#ended || signal.aborted) return 0
      await this.#rest()
    }
    if (batch.windowMillis === 0) return this.#batchSize().count
    let due = false
    const timer = time.after(batch.windowMillis, () => {
      due = true
      this.#wake()
    })
    while (!due && !this.#ended && !signal.aborted && !this.#batchSize().full) await this.#next()
    timer.cancel()
    return signal.aborted ? 0 : this.#batchSize().count
  }

  /** Waits for a record, or for what is to be done when none comes. */
  async #rest(): Promise<void> {
    const { windows, time } = this.#options
    const at = windows?.restsAt
    if (windows === undefined || at === undefined) return this.#next()
    if (time.now() >= at) return windows.rest()
    const timer = time.after(at - time.now(), () => this.#wake())
    await this.#next()
    timer.cancel()
  }

  #batchSize(): { readonly count: number; readonly full: boolean } {
    const { batch, windows } = this.#options
    const { recordsMax } = batch
    const first = this.#records[0] as PendingRecord
    let bytes = windows?.bytes ?? 0
    let count = 0
    for (const record of this.#records) {
      bytes += eventBytesOf(record)
      if (count === recordsMax || (count > 0 && bytes > eventBytesMax)) return { count, full: true }
      if (windows?.together(first, record) === false) return { count, full: true }
      count++
    }
    return { count, full: count === recordsMax }
  }

  #settle(next: number): void {
    let count = 0
    while (count < this.#inHand && (this.#records[count] as PendingRecord).sequence < next) {
      this.#bytes -= eventBytesOf(this.#records[count++] as PendingRecord)
    }
    this.#records.splice(0, count)
    this.#inHand -= count
    this.#options.onProgress()
  }

  #next(): Promise<void> {
    return new Promise((resolve) => this.#wakes.push(resolve))
  }

  #wake(): void {
    for (const wake of this.#wakes.splice(0)) wake()
  }
}
