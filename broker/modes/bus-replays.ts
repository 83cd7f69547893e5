import type { Logs } from '../log/logs.ts'
import { MillraceError } from '../wire/errors.ts'
import type { BusArchives } from './bus-archives.ts'
import { type BusEvent, keptEvent } from './bus-event.ts'
import type { KeptEvent } from './bus-log.ts'
import type { Owner, ReplayRecord } from './bus-record.ts'
import type { Buses } from './buses.ts'
import { RecordsTable } from './records-table.ts'

/** What can be chosen about a replay. */
export type ReplaySettings = Pick<ReplayRecord, 'archive' | 'rules' | 'from' | 'to'> &
  Partial<Pick<ReplayRecord, 'description' | 'perSecond'>>

/**
 * Replays: cursors over the log of a bus, which hand the events of an archive to the rules of the bus again. How far one came is kept
 * after each batch of events, so that after a crash only the last batch comes twice.
 */
export class BusReplays {
  readonly records: RecordsTable<ReplayRecord>
  readonly #logs: Logs
  readonly #buses: Buses
  readonly #archives: BusArchives
  readonly #onFault: (error: unknown) => void
  readonly #running = new Map<string, Promise<void>>()
  readonly #closing = new AbortController()

  private constructor(
    records: RecordsTable<ReplayRecord>,
    logs: Logs,
    buses: Buses,
    archives: BusArchives,
    onFault: (error: unknown) => void,
  ) {
    this.records = records
    this.#logs = logs
    this.#buses = buses
    this.#archives = archives
    this.#onFault = onFault
  }

  /** Goes on with those that were under way when the broker ended. */
  static async open(
    logs: Logs,
    buses: Buses,
    archives: BusArchives,
    onFault: (error: unknown) => void,
  ): Promise<BusReplays> {
    const records = await RecordsTable.open<ReplayRecord>(logs.store, 'bus-replay/')
    const replays = new BusReplays(records, logs, buses, archives, onFault)
    for (const replay of records.list()) if (isUnderWay(replay)) replays.#run(replay)
    return replays
  }

  /** @throws replay_not_found */
  get(name: string): ReplayRecord {
    const found = this.records.get(name)
    if (found === undefined) throw new MillraceError('replay_not_found', { replay: name })
    return found
  }

  /**
   * Begins a replay of what is in the archive now.
   * @throws replay_exists, archive_not_found, limit_exceeded
   */
  async start(name: string, settings: ReplaySettings, owner: Owner): Promise<ReplayRecord> {
    const { clock, limits } = this.#logs
    const replay = await this.records.change(name, async (there) => {
      if (there !== undefined) throw new MillraceError('replay_exists', { replay: name })
      const archive = this.#archives.get(settings.archive)
      const limit = limits.replaysAtOnceMax
      if (this.records.list().filter(isUnderWay).length >= limit)
        throw new MillraceError('limit_exceeded', { what: 'The number of replays under way', limit })
      const end = this.#buses.find(archive.bus)?.log?.shard(0).next ?? 0
      const progress = { state: 'STARTING', next: archive.from, end, events: 0, startedAt: clock.now() } as const
      return { name, bus: archive.bus, ...settings, ...owner, ...progress }
    })
    await this.#forgetOldest()
    this.#run(replay)
    return replay
  }

  /**
   * Ends a replay; events that are being handed out are still handed out.
   * @throws replay_not_found, replay_over
   */
  async cancel(name: string): Promise<ReplayRecord> {
    return this.records.change(name, () => {
      const replay = this.get(name)
      if (!isUnderWay(replay)) throw new MillraceError('replay_over', { replay: name, state: replay.state })
      const cancelling: ReplayRecord = { ...replay, state: 'CANCELLING' }
      return cancelling
    })
  }

  /** Begins no more; resolves when what is under way is handed out. Replays go on at the next start. */
  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all(this.#running.values())
  }

  #run({ name }: ReplayRecord): void {
    const running = this.#replay(name)
      .catch((error: unknown) => this.#failed(name, error))
      .finally(() => this.#running.delete(name))
    this.#running.set(name, running)
  }

  async #replay(name: string): Promise<void> {
    await this.#change(name, (replay) => (replay.state === 'STARTING' ? { ...replay, state: 'RUNNING' } : replay))
    const { archive, next, end, from, to } = this.get(name)
    const { replayBatchMax } = this.#logs.limits
    for await (const some of this.#archives.events(this.#archives.get(archive), next, end)) {
      const wanted = some.flatMap((kept) => {
        const event = keptEvent(kept.text, kept.time, name)
        return event.time >= from && event.time < to ? [{ kept, event }] : []
      })
      for (let i = 0; i < wanted.length; i += replayBatchMax) {
        if (!(await this.#hand(name, wanted.slice(i, i + replayBatchMax)))) return
      }
    }
    await this.#finish(name)
  }

  /** Hands out some events; false when no more are to be. */
  async #hand(name: string, some: readonly { readonly kept: KeptEvent; readonly event: BusEvent }[]): Promise<boolean> {
    if (this.#closing.signal.aborted) return false
    const replay = this.get(name)
    if (replay.state === 'CANCELLING') {
      await this.#finish(name)
      return false
    }
    const bus = this.#buses.get(replay.bus)
    const only = replay.rules.length === 0 ? undefined : new Set(replay.rules)
    const publishing = this.#buses.begin()
    for (const { event } of some) bus.publish(event, publishing, { kept: false, ...(only && { only }) })
    await publishing.commit()
    const last = some.at(-1)
    await this.#change(name, (current) => ({
      ...current,
      next: (last?.kept.sequence ?? current.next) + 1,
      events: current.events + some.length,
      ...(last === undefined ? {} : { lastEventTime: last.event.time }),
    }))
    if (replay.perSecond !== undefined) await this.#wait((some.length * 1_000) / replay.perSecond)
    return true
  }

  #wait(millis: number): Promise<void> {
    const { signal } = this.#closing
    return new Promise((resolve) => {
      const done = () => {
        timer.cancel()
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = this.#logs.clock.after(millis, done)
      signal.addEventListener('abort', done)
    })
  }

  async #finish(name: string): Promise<void> {
    const endedAt = this.#logs.clock.now()
    await this.#change(name, (replay) => {
      const state = replay.state === 'CANCELLING' ? 'CANCELLED' : 'COMPLETED'
      return { ...replay, state, endedAt }
    })
  }

  async #failed(name: string, error: unknown): Promise<void> {
    // What the end of the broker interrupted goes on at the next start.
    if (this.#closing.signal.aborted) return
    this.#onFault(error)
    const reason = MillraceError.wrap(error).message
    const endedAt = this.#logs.clock.now()
    await this.#change(name, (replay) => ({ ...replay, state: 'FAILED', reason, endedAt })).catch(this.#onFault)
  }

  async #change(name: string, change: (replay: ReplayRecord) => ReplayRecord): Promise<void> {
    await this.records.change(name, () => change(this.get(name)))
  }

  /** Only so many of those that are over are remembered. */
  async #forgetOldest(): Promise<void> {
    const over = this.records.list().filter((replay) => !isUnderWay(replay))
    over.sort((a, b) => a.startedAt - b.startedAt)
    const tooMany = this.records.size - this.#logs.limits.replaysMax
    for (const { name } of over.slice(0, Math.max(0, tooMany))) await this.records.change(name, () => undefined)
  }
}

export function isUnderWay({ state }: ReplayRecord): boolean {
  return state === 'STARTING' || state === 'RUNNING' || state === 'CANCELLING'
}
