import type {
  ArchiveDescription,
  BusDescription,
  PutEventResult,
  ReplayDescription,
  RuleDescription,
  RuleTargetSettings,
} from '../broker/wire/bus-description.ts'
import { MillraceError } from '../broker/wire/errors.ts'
import type { Connection } from './connection.ts'
import { type EventSubscribeOptions, EventSubscription, type ReceivedEvent } from './event-subscription.ts'
import { Subscription } from './subscription.ts'

/** What can be chosen about a bus. */
export interface BusOptions {
  /** How long its events are kept. Default 1 hour; an archive keeps them longer. */
  readonly retentionMillis?: number
  readonly description?: string
}

/** An event to put. */
export interface OutgoingEvent {
  /** Who says so, such as `shop.orders`. */
  readonly source: string
  /** What has happened, such as `order placed`: the event's `detail-type`. */
  readonly type: string
  readonly detail?: object
  readonly resources?: readonly string[]
  /** When it happened. Default: when it is put. */
  readonly time?: Date
}

/** All that can be said of a rule. */
export interface RuleOptions {
  /** The events it is for: an event pattern. */
  readonly pattern?: object
  /** Or, on the default bus, when it fires: `rate(5 minutes)`, `cron(0 12 * * ? *)`. */
  readonly schedule?: string
  readonly description?: string
  /** Default true. */
  readonly enabled?: boolean
  /** Where its events go, at most 5; those it had are gone. Without this it keeps those it has. */
  readonly targets?: readonly RuleTargetSettings[]
}

export interface ArchiveOptions {
  /** Only events that match. Default: all. */
  readonly pattern?: object
  /** Default 0: for ever. */
  readonly retentionDays?: number
  readonly description?: string
}

export interface ReplayOptions {
  readonly archive: string
  /** Of the events' own times: from this one on, up to but not with that one. Default: all there are. */
  readonly from?: Date
  readonly to?: Date
  /** Only to these rules. Default: to all of the bus. */
  readonly rules?: readonly string[]
  /** Events a second. Default: as fast as they go. */
  readonly perSecond?: number
}

/** An event bus of a broker, by name; nothing is sent until something is asked of it. */
export class BusHandle {
  readonly name: string
  readonly #connection: Connection
  readonly #path: string

  constructor(connection: Connection, name: string) {
    this.name = name
    this.#connection = connection
    this.#path = `/v1/buses/${encodeURIComponent(name)}`
  }

  /**
   * Creates it; with `ifMissing`, one that exists is taken as it is.
   * @throws bus_exists, limit_exceeded
   */
  async create({
    ifMissing = false,
    ...body
  }: BusOptions & { readonly ifMissing?: boolean } = {}): Promise<BusDescription> {
    try {
      return await this.#call<BusDescription>('PUT', this.#path, body)
    } catch (error) {
      if (ifMissing && error instanceof MillraceError && error.code === 'bus_exists') return this.describe()
      throw error
    }
  }

  /** @throws bus_not_found, as all that follows does */
  describe(): Promise<BusDescription> {
    return this.#call('GET', this.#path)
  }

  /** Changes settings; those left out stay. */
  update(options: BusOptions): Promise<BusDescription> {
    return this.#call('PATCH', this.#path, options)
  }

  /**
   * Deletes it, its events and its archives.
   * @throws bus_kept when it has rules
   */
  async delete(): Promise<void> {
    await this.#call('DELETE', this.#path)
  }

  /**
   * Puts an event; resolves when it is on disk, and with it what its rules sent to queues and streams.
   * @throws event_malformed
   */
  async put(event: OutgoingEvent): Promise<{ readonly id: string }> {
    const [result] = await this.putAll([event])
    return result as { readonly id: string }
  }

  /** Puts events, in one commit: all of them, or none. */
  async putAll(events: readonly OutgoingEvent[]): Promise<readonly { readonly id: string }[]> {
    const body = {
      events: events.map(({ time, ...event }) => (time === undefined ? event : { ...event, time: time.getTime() })),
    }
    const answer = await this.#call<{ events: readonly PutEventResult[] }>('POST', `${this.#path}/events`, body)
    return answer.events as readonly { readonly id: string }[]
  }

  /** Reads events as they come: `for await (const { event } of bus.subscribe({ pattern }))`. Replays are not among them. */
  subscribe(options: EventSubscribeOptions = {}): EventSubscription {
    const { pattern, ...reading } = options
    const connection = this.#connection
    const subscription: Subscription = new Subscription(
      {
        endpoint: connection.endpoint,
        path: this.#path,
        realTime: connection.realTime,
        checkpoint: () => Promise.reject(new MillraceError('bad_request', { reason: 'A bus keeps no checkpoints.' })),
        onClose: () => connection.remove(subscription),
      },
      { from: 'latest', ...reading },
    )
    return new EventSubscription(connection.add(subscription), pattern)
  }

  /** One page of its events, oldest first; to read them as they come, subscribe. */
  async read({
    from = 'horizon',
    limit,
  }: {
    /** A number is a sequence. Default `horizon`, the oldest that is kept. */
    readonly from?: 'horizon' | 'latest' | number | Date
    /** Default 100. */
    readonly limit?: number
  } = {}): Promise<{ readonly events: readonly ReceivedEvent[]; readonly next: number }> {
    const query = {
      from: from instanceof Date ? from.toISOString() : `${from}`,
      ...(limit === undefined ? {} : { limit: `${limit}` }),
    }
    const call = { method: 'GET', path: `${this.#path}/events`, query } as const
    const page = (await this.#connection.endpoint.call(call)) as {
      events: readonly { readonly sequence: number; readonly text: string }[]
      next: number
    }
    return {
      next: page.next,
      events: page.events.map(({ sequence, text }) => ({ sequence, text, event: JSON.parse(text) })),
    }
  }

  /** Its rules, by name, and how they fare. */
  async rules(): Promise<readonly RuleDescription[]> {
    return (await this.#call<{ rules: readonly RuleDescription[] }>('GET', `${this.#path}/rules`)).rules
  }

  /**
   * Makes a rule, or says all of one anew.
   * @throws pattern_invalid, invalid_field
   */
  putRule(rule: string, options: RuleOptions): Promise<RuleDescription> {
    return this.#call('PUT', this.#rulePath(rule), options)
  }

  /** @throws rule_not_found */
  rule(rule: string): Promise<RuleDescription> {
    return this.#call('GET', this.#rulePath(rule))
  }

  /** Deletes a rule, and what is on its way to its targets. */
  async deleteRule(rule: string): Promise<void> {
    await this.#call('DELETE', this.#rulePath(rule))
  }

  /**
   * Begins to archive its events, from now on.
   * @throws archive_exists
   */
  archive(name: string, options: ArchiveOptions = {}): Promise<ArchiveDescription> {
    return this.#call('PUT', `/v1/archives/${encodeURIComponent(name)}`, { bus: this.name, ...options })
  }

  /** Its archives, by name. */
  async archives(): Promise<readonly ArchiveDescription[]> {
    const { archives } = await this.#call<{ archives: readonly ArchiveDescription[] }>('GET', '/v1/archives')
    return archives.filter(({ bus }) => bus === this.name)
  }

  /** Deletes an archive. */
  async deleteArchive(name: string): Promise<void> {
    await this.#call('DELETE', `/v1/archives/${encodeURIComponent(name)}`)
  }

  /**
   * Begins to hand the events of an archive to the rules again, marked with `replay-name`.
   * @throws replay_exists, archive_not_found
   */
  replay(name: string, { from, to, ...options }: ReplayOptions): Promise<ReplayDescription> {
    const times = { ...(from && { from: from.getTime() }), ...(to && { to: to.getTime() }) }
    return this.#call('PUT', this.#replayPath(name), { ...options, ...times })
  }

  /** How far a replay is. */
  replayed(name: string): Promise<ReplayDescription> {
    return this.#call('GET', this.#replayPath(name))
  }

  /** Replays of its archives, by name. */
  async replays(): Promise<readonly ReplayDescription[]> {
    const { replays } = await this.#call<{ replays: readonly ReplayDescription[] }>('GET', '/v1/replays')
    return replays.filter(({ bus }) => bus === this.name)
  }

  /** @throws replay_over */
  cancelReplay(name: string): Promise<ReplayDescription> {
    return this.#call('POST', `${this.#replayPath(name)}/cancel`)
  }

  #rulePath(rule: string): string {
    return `${this.#path}/rules/${encodeURIComponent(rule)}`
  }

  #replayPath(replay: string): string {
    return `/v1/replays/${encodeURIComponent(replay)}`
  }

  async #call<T>(method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T> {
    const call = { method, path, ...(body === undefined ? {} : { body }) }
    return (await this.#connection.endpoint.call(call)) as T
  }
}
