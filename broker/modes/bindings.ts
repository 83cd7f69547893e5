import type { Clock } from '../clock.ts'
import type { Limits } from '../limits.ts'
import type { Store } from '../store/store.ts'
import {
  type BindingDescription,
  type BindingRecord,
  type BindingSource,
  type BindingStatus,
  isRoute,
  type RouteBinding,
} from '../wire/binding.ts'
import { MillraceError } from '../wire/errors.ts'
import { Pattern } from '../wire/pattern.ts'
import { BindingWindows } from './binding-windows.ts'
import { RecordsTable } from './records-table.ts'

/** What a binding says of itself when it is made. */
export type NewBinding = Omit<BindingRecord, 'revision' | 'createdAt' | 'modifiedAt'>

/** What it must be able to do with sources, without knowing what a stream or a queue is. */
export interface BindingSources {
  /** @throws stream_not_found, queue_not_found */
  require(source: BindingSource): void
  /** Keeps where a binding begins, where that is the end of now. */
  begin(source: BindingSource, binding: string): Promise<void>
  /** Keeps nothing of a binding any more. */
  forget(source: BindingSource, binding: string): Promise<void>
  /** Records or messages that a binding has not handled; undefined where nothing has ever come for it. */
  lag(source: BindingSource, binding: string): number | undefined
}

/** All bindings of a broker, kept in the catalog. A runner works them; here is what it is told, and what it says of them. */
export class Bindings {
  readonly records: RecordsTable<BindingRecord>
  readonly windows: BindingWindows
  /** Told when a binding fails, or fails for another reason than before. */
  readonly failed = new Set<(record: BindingRecord, status: BindingStatus) => void>()
  readonly #clock: Clock
  readonly #limits: Limits
  readonly #sources: BindingSources
  readonly #statuses = new Map<string, BindingStatus>()
  #routes: number
  readonly #watchers = new Set<() => void>()
  /** Counts changes since the start. */
  #version = 1

  private constructor(
    records: RecordsTable<BindingRecord>,
    windows: BindingWindows,
    clock: Clock,
    limits: Limits,
    sources: BindingSources,
  ) {
    this.records = records
    this.windows = windows
    this.#routes = records.list().filter(isRoute).length
    this.#clock = clock
    this.#limits = limits
    this.#sources = sources
  }

  static async open(store: Store, clock: Clock, limits: Limits, sources: BindingSources): Promise<Bindings> {
    const records = await RecordsTable.open<BindingRecord>(store, 'binding/')
    return new Bindings(records, new BindingWindows(store), clock, limits, sources)
  }

  get version(): number {
    return this.#version
  }

  /** @throws binding_not_found */
  get(name: string): BindingRecord {
    const record = this.records.get(name)
    if (record === undefined) throw new MillraceError('binding_not_found', { binding: name })
    return record
  }

  /**
   * Makes a binding. One that begins at the end begins where the end is now, whenever its runner gets round to reading.
   * @throws binding_exists, stream_not_found, queue_not_found, pattern_invalid, limit_exceeded
   */
  async create(binding: NewBinding): Promise<BindingRecord> {
    const { name, source } = binding
    for (const pattern of binding.filter) Pattern.compile(pattern)
    const record = await this.records.change(name, async (there) => {
      if (there !== undefined) throw new MillraceError('binding_exists', { binding: name })
      const { bindingsMax, hiddenQueuesMax } = this.#limits
      const limit = binding.delivery === undefined ? bindingsMax : hiddenQueuesMax
      // Routes have a bound of their own, which is far above that of what is made by hand.
      const count = binding.delivery === undefined ? this.records.size - this.#routes : this.#routes
      if (count >= limit) throw new MillraceError('limit_exceeded', { what: 'The number of bindings', limit })
      this.require(binding)
      await this.#sources.begin(source, name)
      const now = this.#clock.now()
      return { ...binding, revision: 1, createdAt: now, modifiedAt: now }
    })
    if (isRoute(record)) this.#routes++
    this.#changed()
    return record
  }

  /** @throws stream_not_found, queue_not_found when its source is not there */
  require({ source }: Pick<BindingRecord, 'source'>): void {
    this.#sources.require(source)
  }

  /** Changes a binding; it goes on from where it is. */
  async change(name: string, change: (record: BindingRecord) => BindingRecord): Promise<BindingRecord> {
    const record = await this.records.change(name, (there) => {
      if (there === undefined) throw new MillraceError('binding_not_found', { binding: name })
      const changed = change(there)
      for (const pattern of changed.filter) Pattern.compile(pattern)
      return { ...changed, revision: there.revision + 1, modifiedAt: this.#clock.now() }
    })
    if (record.batch.tumblingMillis === undefined) await this.windows.forget(name)
    this.#changed()
    return record
  }

  /** Deletes a binding and its positions. */
  async delete(name: string): Promise<BindingRecord> {
    const record = this.get(name)
    await this.records.change(name, () => undefined)
    if (isRoute(record)) this.#routes--
    this.#statuses.delete(name)
    this.#changed()
    await this.#sources.forget(record.source, name)
    await this.windows.forget(name)
    return record
  }

  /** What the runner says of it; of one that is gone, nothing is kept. */
  report(name: string, status: BindingStatus): void {
    const record = this.records.get(name)
    if (record === undefined) return
    const former = this.#statuses.get(name)
    this.#statuses.set(name, status)
    const isNews = former?.lastResult !== status.lastResult || former.lastError !== status.lastError
    if (isNews && status.lastResult !== 'OK') for (const listener of this.failed) listener(record, status)
  }

  status(name: string): BindingStatus | undefined {
    return this.#statuses.get(name)
  }

  describe(record: BindingRecord): BindingDescription {
    const status = this.#statuses.get(record.name)
    const lag = this.#sources.lag(record.source, record.name)
    const shown = lag === undefined ? ({ lag: 0, dormant: true } as const) : { lag }
    return { ...record, ...shown, ...(status === undefined ? {} : { status }) }
  }

  /**
   * A binding that whoever asks may change himself: a route is its mode's own.
   * @throws binding_not_found, binding_owned
   */
  getOwn(name: string): BindingRecord {
    const record = this.get(name)
    if (isRoute(record)) {
      const { kind, name: owner, route } = record.source
      throw new MillraceError('binding_owned', { binding: name, kind, owner, route })
    }
    return record
  }

  /** The binding of that name, if it is a route. */
  route(name: string): RouteBinding | undefined {
    const record = this.records.get(name)
    return record !== undefined && isRoute(record) ? record : undefined
  }

  /** Something other than a record is not as it was: whoever works bindings looks at them again. */
  touch(): void {
    this.#changed()
  }

  /** Resolves when there was a change since `version`, when `signal` fires, or after `waitMillis`, forever by default. */
  async changedSince(
    version: number,
    { signal, wall, waitMillis }: { readonly signal: AbortSignal; readonly wall?: Clock; readonly waitMillis?: number },
  ): Promise<void> {
    if (this.#version !== version || signal.aborted) return
    await new Promise<void>((resolve) => {
      const timer = waitMillis === undefined ? undefined : wall?.after(waitMillis, () => done())
      const done = () => {
        timer?.cancel()
        this.#watchers.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      this.#watchers.add(done)
      signal.addEventListener('abort', done)
    })
  }

  #changed(): void {
    this.#version++
    for (const watcher of [...this.#watchers]) watcher()
  }
}
