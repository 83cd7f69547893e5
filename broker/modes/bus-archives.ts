import type { Logs } from '../log/logs.ts'
import { MillraceError } from '../wire/errors.ts'
import { Pattern } from '../wire/pattern.ts'
import type { Bus } from './bus.ts'
import { type KeptEvent, keptEvents } from './bus-log.ts'
import type { ArchiveRecord, Owner } from './bus-record.ts'
import type { Buses } from './buses.ts'
import { RecordsTable } from './records-table.ts'

const dayMillis = 24 * 60 * 60 * 1000

/** What can be chosen about an archive. */
export type ArchiveSettings = Pick<ArchiveRecord, 'retentionDays'> &
  Partial<Pick<ArchiveRecord, 'description' | 'pattern'>>

/** How much an archive holds. */
export interface ArchiveSize {
  readonly events: number
  readonly bytes: number
}

/** What was counted of an archive, and up to where. */
interface Counted extends ArchiveSize {
  readonly next: number
}

/**
 * Archives: the log of a bus, kept longer, seen through a pattern. Nothing is copied: an archive is where it begins, how long it keeps, and
 * which events are its.
 */
export class BusArchives {
  readonly records: RecordsTable<ArchiveRecord>
  readonly #logs: Logs
  readonly #buses: Buses
  readonly #counted = new Map<string, Counted>()

  private constructor(records: RecordsTable<ArchiveRecord>, logs: Logs, buses: Buses) {
    this.records = records
    this.#logs = logs
    this.#buses = buses
  }

  static async open(logs: Logs, buses: Buses): Promise<BusArchives> {
    return new BusArchives(await RecordsTable.open(logs.store, 'bus-archive/'), logs, buses)
  }

  /** @throws archive_not_found */
  get(name: string): ArchiveRecord {
    const found = this.records.get(name)
    if (found === undefined) throw new MillraceError('archive_not_found', { archive: name })
    return found
  }

  /**
   * Begins to archive the events of a bus, from now on.
   * @throws archive_exists, bus_not_found, pattern_invalid, limit_exceeded
   */
  async create(name: string, bus: Bus, settings: ArchiveSettings, owner: Owner): Promise<ArchiveRecord> {
    if (settings.pattern !== undefined) Pattern.compile(settings.pattern)
    await this.#buses.ready(bus)
    const record = await this.records.change(name, async (there) => {
      if (there !== undefined) throw new MillraceError('archive_exists', { archive: name })
      const limit = this.#logs.limits.archivesMax
      if (this.records.size >= limit)
        throw new MillraceError('limit_exceeded', { what: 'The number of archives', limit })
      await this.#retain(bus, settings)
      const from = bus.log?.shard(0).next ?? 0
      return { name, bus: bus.name, ...settings, ...owner, from, createdAt: this.#logs.clock.now() }
    })
    return record
  }

  /** @throws archive_not_found, pattern_invalid */
  async change(name: string, change: (record: ArchiveRecord) => ArchiveRecord): Promise<ArchiveRecord> {
    const record = await this.records.change(name, () => {
      const changed = change(this.get(name))
      if (changed.pattern !== undefined) Pattern.compile(changed.pattern)
      return changed
    })
    this.#counted.delete(name)
    await this.settle(record.bus)
    return record
  }

  /** Deletes an archive; its events are kept as long as the bus itself, or another archive, keeps them. */
  async delete(name: string): Promise<void> {
    const { bus } = this.get(name)
    await this.records.change(name, () => undefined)
    this.#counted.delete(name)
    await this.settle(bus)
  }

  /** Deletes the archives of a bus that is gone. */
  async forget(bus: string): Promise<void> {
    for (const { name } of this.of(bus)) await this.records.change(name, () => undefined)
  }

  of(bus: string): ArchiveRecord[] {
    return this.records.list().filter((each) => each.bus === bus)
  }

  /** The events of an archive, from sequence `from` of its bus's log on, up to but not with `end`. */
  async *events(archive: ArchiveRecord, from: number, end: number): AsyncGenerator<readonly KeptEvent[]> {
    const log = this.#buses.find(archive.bus)?.log
    if (log === undefined) return
    const pattern = archive.pattern === undefined ? undefined : Pattern.compile(archive.pattern)
    const since = this.#logs.clock.now() - keptMillis(archive)
    for await (const events of keptEvents(this.#logs, log, { from: Math.max(from, archive.from), end, since })) {
      yield events.filter(({ text }) => pattern === undefined || pattern.matches(JSON.parse(text)))
    }
  }

  /** How much it holds: counted on from where it was counted last. What its retention took since then is in it still. */
  async size(archive: ArchiveRecord): Promise<ArchiveSize> {
    const end = this.#buses.find(archive.bus)?.log?.shard(0).next ?? 0
    let { events, bytes, next } = this.#counted.get(archive.name) ?? { events: 0, bytes: 0, next: archive.from }
    for await (const some of this.events(archive, next, end)) {
      events += some.length
      for (const { text } of some) bytes += Buffer.byteLength(text)
    }
    next = Math.max(next, end)
    this.#counted.set(archive.name, { events, bytes, next })
    return { events, bytes }
  }

  /** How long the archives of a bus want its events kept. */
  retentionOf(bus: string): number {
    return Math.max(0, ...this.of(bus).map(keptMillis))
  }

  /** Has a bus keep its events as long as it and its archives say. */
  async settle(name: string): Promise<void> {
    const bus = this.#buses.find(name)
    if (bus !== undefined) await this.#buses.retain(bus, this.retentionOf(name))
  }

  /** What the archive is to hold must not go before it is there. */
  async #retain(bus: Bus, settings: ArchiveSettings): Promise<void> {
    await this.#buses.retain(bus, Math.max(this.retentionOf(bus.name), keptMillis(settings)))
  }
}

function keptMillis({ retentionDays }: Pick<ArchiveRecord, 'retentionDays'>): number {
  return retentionDays === 0 ? Number.MAX_SAFE_INTEGER : retentionDays * dayMillis
}
