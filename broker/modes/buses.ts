import type { Log, LogSettings } from '../log/log.ts'
import type { Logs } from '../log/logs.ts'
import { horizon, positionAtTime } from '../log/positions.ts'
import { Subscription, type SubscriptionSink } from '../log/subscription.ts'
import { MillraceError } from '../wire/errors.ts'
import type { Bindings } from './bindings.ts'
import { Bus, type BusSurroundings } from './bus.ts'
import { BusConnections } from './bus-connections.ts'
import { type BusEvent, eventOf, type PutEvent } from './bus-event.ts'
import { type KeptEvent, keptEvents } from './bus-log.ts'
import { Publishing } from './bus-publishing.ts'
import { type BusRecord, defaultBusName, type Owner } from './bus-record.ts'
import { BusRules, type RuleSchedules } from './bus-rules.ts'
import type { NewPublication } from './publication.ts'
import { RecordsTable } from './records-table.ts'

export interface BusesOptions {
  readonly logs: Logs
  readonly bindings: Bindings
  readonly begin: NewPublication
  /** What makes rules with a schedule fire. */
  readonly schedules: RuleSchedules
  readonly toTopic: BusSurroundings['toTopic']
  readonly onFault: (error: unknown) => void
}

/** What can be chosen about a bus. */
export type BusSettings = Pick<BusRecord, 'carried' | 'tags'> &
  Partial<Pick<BusRecord, 'retentionMillis' | 'description' | 'deadLetterArn'>>

/** All event buses of a broker, their rules, and what is put on them. */
export class Buses {
  readonly connections: BusConnections
  readonly #options: BusesOptions
  readonly #records: RecordsTable<BusRecord>
  readonly #buses = new Map<string, Bus>()
  readonly #opening = new Map<string, Promise<void>>()
  #rules: BusRules | undefined

  private constructor(options: BusesOptions, records: RecordsTable<BusRecord>, connections: BusConnections) {
    this.#options = options
    this.#records = records
    this.connections = connections
  }

  static async open(options: BusesOptions): Promise<Buses> {
    const { store, clock, logs, limits } = { ...options.logs, logs: options.logs.logs }
    const records = await RecordsTable.open<BusRecord>(store, 'bus/')
    const connections = await BusConnections.open(store, clock, limits)
    const buses = new Buses(options, records, connections)
    const numbers = await store.entries(logPrefix)
    const logOf = new Map(
      numbers.map(({ key, value }) => [key.slice(logPrefix.length), logs.get(Number(new TextDecoder().decode(value)))]),
    )
    const all = records.get(defaultBusName) === undefined ? [buses.#plainDefault(), ...records.list()] : records.list()
    for (const record of all) buses.#add(record, logOf.get(record.name))
    // A crash may have come between a bus and its log.
    for (const bus of buses.list()) if (bus.name !== defaultBusName) await buses.ready(bus)
    buses.#rules = await BusRules.open({
      ...{ store, clock, limits, bindings: options.bindings },
      schedules: options.schedules,
      get: (name) => buses.get(name),
      find: (name) => buses.find(name),
      ready: (bus) => buses.ready(bus),
      boundsOf: (name) => connections.destinations.get(name),
    })
    return buses
  }

  get rules(): BusRules {
    if (this.#rules === undefined) throw new MillraceError('internal', { reason: 'the buses are not open yet' })
    return this.#rules
  }

  find(name: string): Bus | undefined {
    return this.#buses.get(name)
  }

  /** @throws bus_not_found */
  get(name: string): Bus {
    const bus = this.find(name)
    if (bus === undefined) throw new MillraceError('bus_not_found', { bus: name })
    return bus
  }

  /** All of them, by name. */
  list(): Bus[] {
    return [...this.#buses.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** @throws bus_exists, limit_exceeded */
  async create(name: string, settings: BusSettings, owner: Owner): Promise<Bus> {
    const { clock, limits } = this.#options.logs
    const record = await this.#records.change(name, () => {
      if (this.#buses.has(name)) throw new MillraceError('bus_exists', { bus: name })
      const limit = limits.busesMax
      if (this.#buses.size >= limit) throw new MillraceError('limit_exceeded', { what: 'The number of buses', limit })
      const now = clock.now()
      const retentionMillis = limits.busRetentionMillisDefault
      const made: BusRecord = {
        name,
        retentionMillis,
        policy: {},
        createdAt: now,
        modifiedAt: now,
        ...owner,
        ...settings,
      }
      return made
    })
    const bus = this.#add(record, undefined)
    await this.ready(bus)
    return bus
  }

  /** Changes what is kept of a bus. */
  async change(name: string, change: (record: BusRecord) => BusRecord): Promise<Bus> {
    const bus = this.get(name)
    await this.#records.change(name, () => {
      const record = { ...change(this.get(name).record), modifiedAt: this.#options.logs.clock.now() }
      return record
    })
    bus.record = this.#records.get(name) as BusRecord
    return bus
  }

  /**
   * Deletes a bus and what it kept.
   * @throws bus_not_found, bus_kept when it is the default bus or has rules
   */
  async delete(name: string): Promise<void> {
    const bus = this.get(name)
    if (name === defaultBusName) throw new MillraceError('bus_kept', { bus: name, reason: 'it is always there' })
    if (bus.ruleCount > 0) throw new MillraceError('bus_kept', { bus: name, reason: 'it has rules' })
    await this.#opening.get(name)
    await this.#records.change(name, () => undefined)
    this.#buses.delete(name)
    if (bus.log !== undefined) await this.#options.logs.delete(bus.log, [{ key: logPrefix + name, value: undefined }])
  }

  /** An event in its envelope, as `owner` puts it now. */
  prepare(put: PutEvent, owner: Owner): BusEvent {
    return eventOf(put, owner, this.#options.logs.clock.now())
  }

  /**
   * Puts events on buses: they are kept, and handed to the targets of the rules that match, all in one commit or none. Resolves when that
   * is durable.
   */
  async publish(items: readonly { readonly bus: Bus; readonly event: BusEvent }[]): Promise<void> {
    for (const { bus } of items) if (bus.log === undefined) await this.ready(bus)
    const publishing = this.begin()
    for (const { bus, event } of items) bus.publish(event, publishing)
    await publishing.commit()
  }

  begin(): Publishing {
    return new Publishing(this.#options.begin())
  }

  /** Makes the log of a bus, if it has none yet. */
  async ready(bus: Bus): Promise<void> {
    if (bus.log !== undefined) return
    const { name } = bus
    let opening = this.#opening.get(name)
    if (opening === undefined) {
      opening = this.#open(bus).finally(() => this.#opening.delete(name))
      this.#opening.set(name, opening)
    }
    await opening
  }

  /** The next events of a bus, and where reading goes on; an event that comes first is read, however large it is. */
  async read(
    { log }: Bus,
    from: BusFrom,
    { eventsMax, bytesMax }: { readonly eventsMax: number; readonly bytesMax: number },
  ): Promise<{ readonly events: readonly KeptEvent[]; readonly next: number }> {
    if (log === undefined) return { events: [], next: 0 }
    const { logs } = this.#options
    const position = await positionOf(logs, log, from)
    const end = log.shard(0).next
    const events: KeptEvent[] = []
    let bytes = 0
    for await (const some of keptEvents(logs, log, { from: position, end, since: 0 })) {
      for (const event of some) {
        bytes += event.text.length
        const full = events.length === eventsMax || (bytes > bytesMax && events.length > 0)
        if (full) return { events, next: event.sequence }
        events.push(event)
      }
    }
    return { events, next: Math.max(position, end) }
  }

  /** Reads the events of a bus, which has a log, as they come. */
  async subscribe(
    { name, log }: Bus,
    { from, heartbeatMillis }: { readonly from: BusFrom; readonly heartbeatMillis: number },
    sink: SubscriptionSink,
  ): Promise<Subscription> {
    if (log === undefined) throw new MillraceError('bus_not_found', { bus: name })
    const { logs } = this.#options
    const shard = log.shard(0)
    const starts = [{ shard, position: await positionOf(logs, log, from) }]
    return new Subscription(logs, log, { starts, follow: false, heartbeatMillis }, sink)
  }

  /** Has a bus keep its events for as long as it says itself, and as `archivesMillis`. */
  async retain(bus: Bus, archivesMillis: number): Promise<void> {
    const { log, record } = bus
    if (log === undefined) return
    const retentionMillis = Math.max(record.retentionMillis, archivesMillis)
    if (log.settings.retentionMillis !== retentionMillis)
      await this.#options.logs.configure(log, { ...log.settings, retentionMillis })
  }

  async #open(bus: Bus): Promise<void> {
    const { logs } = this.#options
    const settings: LogSettings = {
      retentionMillis: bus.record.retentionMillis,
      recordBytesMax: logs.limits.recordBytesMax,
    }
    const value = (number: number) => new TextEncoder().encode(String(number))
    bus.log = await logs.create(bus.name, 1, settings, (number) => [
      { key: logPrefix + bus.name, value: value(number) },
    ])
  }

  #add(record: BusRecord, log: Bus['log']): Bus {
    const { logs, bindings, toTopic, onFault } = this.#options
    const bus = new Bus(record, log, {
      now: () => logs.clock.now(),
      bus: (name) => this.find(name),
      toTopic,
      binding: (name) => bindings.route(name),
      destination: (name) => this.connections.destination(name),
      onFailure: onFault,
    })
    this.#buses.set(record.name, bus)
    return bus
  }

  /** The default bus before anything is kept of it. */
  #plainDefault(): BusRecord {
    const { clock, limits } = this.#options.logs
    const now = clock.now()
    return {
      name: defaultBusName,
      retentionMillis: limits.busRetentionMillisDefault,
      carried: {},
      policy: {},
      tags: {},
      createdAt: now,
      modifiedAt: now,
      region: 'us-east-1',
      account: '000000000000',
    }
  }
}

/** Where reading begins: the oldest event that is kept, the next one, one of a time, or one of a sequence. */
export type BusFrom =
  | 'horizon'
  | 'latest'
  | { readonly time: number }
  | { readonly sequences: Readonly<Record<string, number>> }

async function positionOf(logs: Logs, log: Log, from: BusFrom): Promise<number> {
  const shard = log.shard(0)
  if (from === 'latest') return shard.next
  const oldest = await horizon(logs, log, shard)
  if (from === 'horizon') return oldest
  if ('time' in from) return Math.max(oldest, await positionAtTime(logs, shard, from.time))
  return Math.max(oldest, from.sequences['0'] ?? 0)
}

/** The catalog's keys for the numbers of the buses' logs. */
const logPrefix = 'bus-log/'
