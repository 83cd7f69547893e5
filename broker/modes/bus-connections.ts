import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { Limits } from '../limits.ts'
import type { Store } from '../store/store.ts'
import { MillraceError } from '../wire/errors.ts'
import type { ApiDestinationRecord, ConnectionRecord } from './bus-record.ts'
import { RecordsTable } from './records-table.ts'

/** What an API destination says of itself when it is made. */
export type NewDestination = Omit<ApiDestinationRecord, 'id' | 'createdAt' | 'modifiedAt'>

/** What a connection says of itself when it is made. */
export type NewConnection = Omit<ConnectionRecord, 'id' | 'createdAt' | 'modifiedAt' | 'authorizedAt'>

/** Connections, which hold what HTTP endpoints want to see before they let a call in, and API destinations, which are such endpoints. */
export class BusConnections {
  readonly connections: RecordsTable<ConnectionRecord>
  readonly destinations: RecordsTable<ApiDestinationRecord>
  readonly #clock: Clock
  readonly #limits: Limits

  private constructor(
    connections: RecordsTable<ConnectionRecord>,
    destinations: RecordsTable<ApiDestinationRecord>,
    clock: Clock,
    limits: Limits,
  ) {
    this.connections = connections
    this.destinations = destinations
    this.#clock = clock
    this.#limits = limits
  }

  static async open(store: Store, clock: Clock, limits: Limits): Promise<BusConnections> {
    const connections = await RecordsTable.open<ConnectionRecord>(store, 'bus-connection/')
    const destinations = await RecordsTable.open<ApiDestinationRecord>(store, 'bus-destination/')
    return new BusConnections(connections, destinations, clock, limits)
  }

  /** @throws connection_not_found */
  connection(name: string): ConnectionRecord {
    const found = this.connections.get(name)
    if (found === undefined) throw new MillraceError('connection_not_found', { connection: name })
    return found
  }

  /** @throws destination_not_found */
  destination(name: string): ApiDestinationRecord {
    const found = this.destinations.get(name)
    if (found === undefined) throw new MillraceError('destination_not_found', { destination: name })
    return found
  }

  /** The connection of an API destination, as it is now. */
  connectionOf(destination: string): ConnectionRecord {
    return this.connection(this.destination(destination).connection)
  }

  /** @throws connection_exists, limit_exceeded */
  createConnection(connection: NewConnection): Promise<ConnectionRecord> {
    return this.connections.change(connection.name, (there) => {
      if (there !== undefined) throw new MillraceError('connection_exists', { connection: connection.name })
      this.#requireRoom(this.connections.size, 'The number of connections')
      const now = this.#clock.now()
      return { ...connection, id: randomUUID(), createdAt: now, modifiedAt: now, authorizedAt: now }
    })
  }

  changeConnection(name: string, change: (record: ConnectionRecord) => ConnectionRecord): Promise<ConnectionRecord> {
    return this.connections.change(name, () => ({ ...change(this.connection(name)), modifiedAt: this.#clock.now() }))
  }

  async deleteConnection(name: string): Promise<ConnectionRecord> {
    const there = this.connection(name)
    await this.connections.change(name, () => undefined)
    return there
  }

  /** @throws destination_exists, connection_not_found, limit_exceeded */
  createDestination(destination: NewDestination): Promise<ApiDestinationRecord> {
    const { name } = destination
    return this.destinations.change(name, (there) => {
      if (there !== undefined) throw new MillraceError('destination_exists', { destination: name })
      this.connection(destination.connection)
      this.#requireRoom(this.destinations.size, 'The number of API destinations')
      const now = this.#clock.now()
      return { ...destination, id: randomUUID(), createdAt: now, modifiedAt: now }
    })
  }

  changeDestination(
    name: string,
    change: (record: ApiDestinationRecord) => ApiDestinationRecord,
  ): Promise<ApiDestinationRecord> {
    return this.destinations.change(name, () => {
      const changed = change(this.destination(name))
      this.connection(changed.connection)
      return { ...changed, modifiedAt: this.#clock.now() }
    })
  }

  async deleteDestination(name: string): Promise<void> {
    this.destination(name)
    await this.destinations.change(name, () => undefined)
  }

  #requireRoom(size: number, what: string): void {
    const limit = this.#limits.connectionRecordsMax
    if (size >= limit) throw new MillraceError('limit_exceeded', { what, limit })
  }
}
