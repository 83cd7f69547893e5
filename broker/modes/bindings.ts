import type { Clock } from '../clock.ts'
import type { Limits } from '../limits.ts'
import type { Store } from '../store/store.ts'
import { type BindingDescription, type BindingRecord, type BindingStatus, consumerOfBinding } from '../wire/binding.ts'
import { MillraceError } from '../wire/errors.ts'
import { Pattern } from '../wire/pattern.ts'
import { RecordsTable } from './records-table.ts'

/** What a binding says of itself when it is made. */
export type NewBinding = Omit<BindingRecord, 'revision' | 'createdAt' | 'modifiedAt'>

/** What it must be able to do with the streams that are sources, without knowing what a stream is. */
export interface SourcePositions {
  /** Where each shard of a source ends now. */
  ends(stream: string): ReadonlyMap<number, number>
  save(stream: string, consumer: string, positions: ReadonlyMap<number, number>): Promise<void>
  forget(stream: string, consumer: string): Promise<void>
  /** Records behind a consumer's positions; 0 when it has none. */
  lag(stream: string, consumer: string): number
}

/** All bindings of a broker, kept in the catalog. A runner works them; here is what it is told, and what it says of them. */
export class Bindings {
  readonly records: RecordsTable<BindingRecord>
  readonly #clock: Clock
  readonly #limits: Limits
  readonly #sources: SourcePositions
  readonly #statuses = new Map<string, BindingStatus>()
  readonly #watchers = new Set<() => void>()
  /** Counts changes since the start. */
  #version = 1

  private constructor(records: RecordsTable<BindingRecord>, clock: Clock, limits: Limits, sources: SourcePositions) {
    this.records = records
    this.#clock = clock
    this.#limits = limits
    this.#sources = sources
  }

  static async open(store: Store, clock: Clock, limits: Limits, sources: SourcePositions): Promise<Bindings> {
    return new Bindings(await RecordsTable.open(store, 'binding/'), clock, limits, sources)
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
   * @throws binding_exists, stream_not_found, pattern_invalid, limit_exceeded
   */
  async create(binding: NewBinding): Promise<BindingRecord> {
    const { name, source } = binding
    for (const pattern of binding.filter) Pattern.compile(pattern)
    const record = await this.records.change(name, async (there) => {
      if (there !== undefined) throw new MillraceError('binding_exists', { binding: name })
      const limit = this.#limits.bindingsMax
      if (this.records.size >= limit)
        throw new MillraceError('limit_exceeded', { what: 'The number of bindings', limit })
      const ends = this.#sources.ends(source.stream)
      if (source.from === 'latest') await this.#sources.save(source.stream, consumerOfBinding(name), ends)
      const now = this.#clock.now()
      return { ...binding, revision: 1, createdAt: now, modifiedAt: now }
    })
    this.#changed()
    return record
  }

  /** Changes a binding; it goes on from where it is. */
  async change(name: string, change: (record: BindingRecord) => BindingRecord): Promise<BindingRecord> {
    const record = await this.records.change(name, (there) => {
      if (there === undefined) throw new MillraceError('binding_not_found', { binding: name })
      const changed = change(there)
      for (const pattern of changed.filter) Pattern.compile(pattern)
      return { ...changed, revision: there.revision + 1, modifiedAt: this.#clock.now() }
    })
    this.#changed()
    return record
  }

  /** Deletes a binding and its positions. */
  async delete(name: string): Promise<BindingRecord> {
    const record = this.get(name)
    await this.records.change(name, () => undefined)
    this.#statuses.delete(name)
    this.#changed()
    await this.#sources.forget(record.source.stream, consumerOfBinding(name))
    return record
  }

  /** What the runner says of it; of one that is gone, nothing is kept. */
  report(name: string, status: BindingStatus): void {
    if (this.records.get(name) !== undefined) this.#statuses.set(name, status)
  }

  status(name: string): BindingStatus | undefined {
    return this.#statuses.get(name)
  }

  describe(record: BindingRecord): BindingDescription {
    const status = this.#statuses.get(record.name)
    const lag = this.#sources.lag(record.source.stream, consumerOfBinding(record.name))
    return { ...record, lag, ...(status === undefined ? {} : { status }) }
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
