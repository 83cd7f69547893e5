import type { Clock } from '../clock.ts'
import type { Limits } from '../limits.ts'
import type { LogOwner } from '../log/journal.ts'
import type { SegmentHead } from '../log/segment-index.ts'
import type { Store } from '../store/store.ts'
import { MillraceError } from '../wire/errors.ts'
import { viewOf } from '../wire/u64.ts'
import type { Queue, QueueRecord } from './queue.ts'
import { DeduplicationIds } from './queue-deduplication.ts'
import { unpackEntry } from './queue-entries.ts'
import { rescueMessages } from './queue-rescue.ts'
import { joined, parted, QueueState } from './queue-state.ts'

/** The number of queues' journal entries, and of their logs' owner. */
export const queueOwner = 2

/** Above this many, messages that hold a segment are a backlog, which stays where it is. */
const rescuedMax = 10_000

/** The state of all queues as the log tells it, and what of the log they need. */
export class QueueJournal implements LogOwner {
  readonly number = queueOwner
  /** What the catalog keeps of queues, by the number of their logs. */
  readonly records: ReadonlyMap<number, QueueRecord>
  readonly #limits: Limits
  readonly #clock: Clock
  readonly #states = new Map<number, QueueState>()
  /** The queues that are open, by the number of their logs. */
  readonly queues = new Map<number, Queue>()

  private constructor(records: ReadonlyMap<number, QueueRecord>, limits: Limits, clock: Clock) {
    this.records = records
    this.#limits = limits
    this.#clock = clock
  }

  /** Reads which queues there are; what happened to them is told by the log, which comes next. */
  static async open(store: Store, limits: Limits, clock: Clock): Promise<QueueJournal> {
    const entries = await store.entries('queue/')
    const records = entries.map(({ value }) => JSON.parse(new TextDecoder().decode(value)) as QueueRecord)
    return new QueueJournal(new Map(records.map((record) => [record.number, record])), limits, clock)
  }

  /** The state of the queue whose log is `number`: all that is durable, or nothing yet. */
  stateOf(number: number): QueueState {
    let state = this.#states.get(number)
    if (state === undefined) {
      state = new QueueState(this.#ids(number))
      this.#states.set(number, state)
    }
    return state
  }

  /** Forgets a deleted queue. */
  forget(number: number): void {
    this.#states.delete(number)
    this.queues.delete(number)
  }

  replay(bytes: Uint8Array): void {
    const { queue, entry } = unpackEntry(bytes)
    if (entry === undefined) throw new MillraceError('store_corrupt', { commit: 'unknown', reason: 'an unknown entry' })
    const state = this.stateOf(queue)
    if (entry.kind === 'lease') for (const row of entry.rows) state.applyLease(row)
    else if (entry.kind === 'gone') for (const identity of entry.identities) state.applyGone(identity)
    else if (entry.kind === 'floor') state.applyFloor(entry.sequence, entry.purge)
    else state.applyTask(entry.task)
  }

  replayRun(log: number, frame: Uint8Array): void {
    this.stateOf(log).applyRun(frame)
  }

  /** For each queue its number and its state, each behind its length. */
  snapshot(): Uint8Array {
    const parts: Uint8Array[] = []
    for (const [number, state] of this.#states) {
      const head = new Uint8Array(4)
      viewOf(head).setUint32(0, number)
      parts.push(head, state.pack())
    }
    return joined(parts)
  }

  restore(bytes: Uint8Array): void {
    const parts = parted(bytes)
    for (let i = 0; i + 1 < parts.length; i += 2) {
      const number = viewOf(parts[i] as Uint8Array).getUint32(0)
      if (!this.records.has(number)) continue
      this.#states.set(number, QueueState.unpack(parts[i + 1] as Uint8Array, this.#ids(number)))
    }
  }

  async expire(): Promise<void> {
    for (const queue of [...this.queues.values()]) await queue.expire()
  }

  needed(head: SegmentHead): number {
    const queue = this.queues.get(head.stream)
    // Between two floors, or one that is being created or deleted: better keep it for now.
    if (queue === undefined) return Number.POSITIVE_INFINITY
    const { state, settings } = queue
    const now = this.#clock.now()
    const young = Math.max(this.#limits.deduplicationMillis, settings.delayMillis)
    if (settings.fifo && head.lastTime + young >= now) return Number.POSITIVE_INFINITY
    // A message that is appended again has no delay any more.
    const delayed = state.delayed.some(({ first, next, due }) => due > now && first < head.next && next > head.first)
    if (delayed) return Number.POSITIVE_INFINITY
    const left = state.gone.missing(head.first, head.next, rescuedMax + 1)
    return left > rescuedMax ? Number.POSITIVE_INFINITY : left
  }

  async rescue(head: SegmentHead): Promise<void> {
    const queue = this.queues.get(head.stream)
    if (queue !== undefined) await rescueMessages(queue, head.first, head.next)
  }

  #ids(number: number): DeduplicationIds {
    const byGroup = this.records.get(number)?.settings.deduplicationByGroup ?? false
    return new DeduplicationIds(this.#limits.deduplicationMillis, byGroup)
  }
}
