import type { BindingDescription } from '../broker/wire/binding.ts'
import type { BusDescription } from '../broker/wire/bus-description.ts'
import type { Endpoint } from '../broker/wire/endpoint.ts'
import type { QueueDescription } from '../broker/wire/queue-description.ts'
import type { ScheduleDescription } from '../broker/wire/schedule-description.ts'
import type { StreamSummary } from '../broker/wire/stream-description.ts'
import type { TopicDescription } from '../broker/wire/topic-description.ts'
import { BindingHandle } from './binding.ts'
import { BusHandle } from './bus.ts'
import { Connection } from './connection.ts'
import { QueueHandle } from './queue.ts'
import { allSchedules, ScheduleHandle } from './schedule.ts'
import { StreamHandle } from './stream.ts'
import { TopicHandle } from './topic.ts'

/** What a broker says of itself. */
export interface BrokerInfo {
  readonly name: string
  readonly version: string
  readonly clock: 'real' | 'manual'
  readonly limits: 'relaxed' | 'strict'
  /** The broker's time, milliseconds since 1970. */
  readonly now: number
}

/** A client of one broker; `connect` makes it. */
export class Client implements AsyncDisposable {
  readonly #connection: Connection
  readonly #streams = new Map<string, StreamHandle>()
  readonly #queues = new Map<string, QueueHandle>()
  readonly #topics = new Map<string, TopicHandle>()

  constructor(endpoint: Endpoint, info: BrokerInfo) {
    this.#connection = new Connection(endpoint, info.clock === 'real')
  }

  /** The native API beneath, for resources that have no method here. */
  get endpoint(): Endpoint {
    return this.#connection.endpoint
  }

  /** The handle on a stream, which need not exist yet: always the same for a name, so that its puts share one producer. */
  stream(name: string): StreamHandle {
    let handle = this.#streams.get(name)
    if (handle === undefined) {
      handle = new StreamHandle(this.#connection, name)
      this.#streams.set(name, handle)
    }
    return handle
  }

  /** All streams, by name. */
  async streams(): Promise<StreamSummary[]> {
    const all: StreamSummary[] = []
    let after: string | undefined
    do {
      const query = { limit: '1000', ...(after === undefined ? {} : { after }) }
      const page = (await this.endpoint.call({ method: 'GET', path: '/v1/streams', query })) as StreamPage
      all.push(...page.streams)
      after = page.next
    } while (after !== undefined)
    return all
  }

  /** The handle on a queue, which need not exist yet: always the same for a name, so that its sends share one session. */
  queue(name: string): QueueHandle {
    let handle = this.#queues.get(name)
    if (handle === undefined) {
      handle = new QueueHandle(this.#connection, name)
      this.#queues.set(name, handle)
    }
    return handle
  }

  /** All queues, by name, or those whose names begin with `prefix`. */
  async queues(prefix?: string): Promise<QueueDescription[]> {
    const all: QueueDescription[] = []
    let after: string | undefined
    do {
      const query = { limit: '1000', ...(prefix ? { prefix } : {}), ...(after === undefined ? {} : { after }) }
      const page = (await this.endpoint.call({ method: 'GET', path: '/v1/queues', query })) as QueuePage
      all.push(...page.queues)
      after = page.next
    } while (after !== undefined)
    return all
  }

  /** The handle on a topic, which need not exist yet: always the same for a name, so that what is published in one turn travels together. */
  topic(name: string): TopicHandle {
    let handle = this.#topics.get(name)
    if (handle === undefined) {
      handle = new TopicHandle(this.#connection, name)
      this.#topics.set(name, handle)
    }
    return handle
  }

  /** All topics, by name. */
  async topics(): Promise<TopicDescription[]> {
    const all: TopicDescription[] = []
    let after: string | undefined
    do {
      const query = { limit: '1000', ...(after === undefined ? {} : { after }) }
      const page = (await this.endpoint.call({ method: 'GET', path: '/v1/topics', query })) as TopicPage
      all.push(...page.topics)
      after = page.next
    } while (after !== undefined)
    return all
  }

  /** The handle on an event bus; `default` is always there. */
  bus(name = 'default'): BusHandle {
    return new BusHandle(this.#connection, name)
  }

  /** All event buses, by name. */
  async buses(): Promise<BusDescription[]> {
    const { buses } = (await this.endpoint.call({ method: 'GET', path: '/v1/buses' })) as { buses: BusDescription[] }
    return buses
  }

  /** The handle on a schedule, which need not exist yet. */
  schedule(name: string, group = 'default'): ScheduleHandle {
    return new ScheduleHandle(this.endpoint, name, group)
  }

  /** All schedules, by group and name, or those of one group. */
  schedules(group?: string): Promise<ScheduleDescription[]> {
    return allSchedules(this.endpoint, group)
  }

  /** The handle on a binding, which need not exist yet: what triggers what. */
  binding(name: string): BindingHandle {
    return new BindingHandle(this.endpoint, name)
  }

  /** All bindings, by name, and how they fare; ways out of topics, buses and schedules are among them. */
  async bindings(): Promise<BindingDescription[]> {
    return ((await this.endpoint.call({ method: 'GET', path: '/v1/bindings' })) as { bindings: BindingDescription[] })
      .bindings
  }

  async info(): Promise<BrokerInfo> {
    return brokerInfo(this.endpoint)
  }

  /** What lies where: segments, shards, consumers and their lag. */
  async inspect(): Promise<Inspection> {
    return (await this.endpoint.call({ method: 'GET', path: '/v1/inspect' })) as Inspection
  }

  /** Closes producers, once what they were given is settled, subscriptions and groups, and the connections. */
  close(): Promise<void> {
    return this.#connection.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

interface QueuePage {
  readonly queues: QueueDescription[]
  readonly next?: string
}

interface TopicPage {
  readonly topics: TopicDescription[]
  readonly next?: string
}

interface StreamPage {
  readonly streams: StreamSummary[]
  readonly next?: string
}

/** What `GET /v1/inspect` answers. */
export interface Inspection {
  readonly log: {
    readonly bytes: number
    readonly commits: number
    readonly inFlightBytes: number
    readonly segments: readonly {
      readonly first: number
      readonly commits: number
      readonly bytes: number
      readonly sealed: boolean
    }[]
  }
  readonly memory: { readonly residentBytes: number; readonly heapBytes: number; readonly bufferBytes: number }
  readonly longStreams: number
  /** What functions did since the start. */
  readonly functions: readonly {
    readonly name: string
    readonly invocations: number
    readonly errors: number
    readonly refusals: number
    readonly durationMillis: number
  }[]
  /** Clients that are connected by WebSockets: of the native protocol, and of each WebSocket API. */
  readonly sockets: {
    readonly native: number
    readonly apis: readonly { readonly api: string; readonly sockets: number }[]
  }
  readonly bindings: readonly {
    readonly name: string
    readonly lag: number
    readonly paused: boolean
    readonly status?: { readonly lastResult: string; readonly lastError?: string; readonly at: number }
  }[]
  readonly queues: readonly {
    readonly name: string
    readonly number: number
    readonly fifo: boolean
    readonly messages: { readonly visible: number; readonly inFlight: number; readonly delayed: number }
  }[]
  readonly streams: readonly (StreamSummary & {
    readonly shards: readonly {
      readonly shard: number
      readonly status: string
      readonly first: number
      readonly next: number
    }[]
    readonly consumers: readonly {
      readonly consumer: string
      readonly shards: readonly { readonly shard: number; readonly next: number; readonly lag: number }[]
    }[]
    readonly groups: readonly {
      readonly group: string
      readonly members: readonly { readonly member: string; readonly shards: readonly number[] }[]
    }[]
  })[]
}

/** Asks a broker for its info. */
export async function brokerInfo(endpoint: Endpoint): Promise<BrokerInfo> {
  return (await endpoint.call({ method: 'GET', path: '/v1' })) as BrokerInfo
}
