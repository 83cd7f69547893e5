import type { RetrySchedule } from './retry-schedule.ts'

/**
 * What binds a source of events to a target: one record for what AWS has five names for. It is kept by the broker and worked by a runner,
 * which is a client like any other.
 */
export interface BindingRecord {
  /** Its id; for one made by AWS's API, a UUID. */
  readonly name: string
  /** Grows with every change. */
  readonly revision: number
  readonly source: BindingSource
  /** Patterns as JSON text; a record that matches none is passed over. None at all: every record is wanted. */
  readonly filter: readonly string[]
  readonly batch: BindingBatch
  readonly target: BindingTarget
  readonly retry: BindingRetry
  /** Who hears of what was given up. */
  readonly deadLetter?: BindingTarget
  /** Of routes only: how each delivery is tried. */
  readonly delivery?: RouteDelivery
  readonly paused: boolean
  readonly createdAt: number
  readonly modifiedAt: number
  /** Of whoever made it: they show in the ARNs of events. */
  readonly region: string
  readonly account: string
}

export type BindingSource = StreamSource | QueueSource | RouteSource

/** A stream as a source: each shard in order, parents before children. */
export interface StreamSource {
  readonly kind: 'stream'
  readonly stream: string
  /** Where it begins; `latest` is where the stream ended when the binding was made. */
  readonly from: 'horizon' | 'latest' | { readonly time: number }
  /** What events name as their source: the stream's ARN, or that of a consumer of it. */
  readonly arn: string
}

/** A queue as a source: each message until it is handled, or its queue gives it up. */
export interface QueueSource {
  readonly kind: 'queue'
  readonly queue: string
  /** What events name as their source. */
  readonly arn: string
}

/**
 * A way out of a topic, a bus or a schedule, to a function or an HTTP endpoint: what is published waits in a hidden queue until it is
 * delivered. Such a binding belongs to the operations of its mode: it is made, changed and deleted by them.
 */
export interface RouteSource {
  readonly kind: RouteKind
  /** Of the topic, the bus or the group of schedules. */
  readonly name: string
  /** Which of its ways out this is: the id of a subscription, a rule and its target. */
  readonly route: string
  /** Made when something is published for it for the first time. */
  readonly queue: string
  /** What events name as their source. */
  readonly arn: string
}

export type RouteKind = 'topic' | 'bus' | 'schedule'

/** How a route's deliveries are tried. */
export interface RouteDelivery {
  /** When a delivery is given up, counted from its publication; null: when its tries are used up. */
  readonly ageMillisMax: number | null
  readonly retry: RetrySchedule
  /** Deliveries side by side. */
  readonly atOnce: number
  /** Deliveries begun in a second, at most. */
  readonly perSecond?: number
  /** How long an HTTP endpoint may take to answer, to the last byte; 15 seconds by default. */
  readonly answerMillisMax?: number
}

/** A binding that is a route. */
export type RouteBinding = BindingRecord & { readonly source: RouteSource; readonly delivery: RouteDelivery }

/** A binding that reads a stream or a queue. */
export type ReadingBinding = BindingRecord & { readonly source: StreamSource | QueueSource }

export function isRoute(binding: BindingRecord): binding is RouteBinding {
  return !isReading(binding)
}

export function isReading(binding: BindingRecord): binding is ReadingBinding {
  return binding.source.kind === 'stream' || binding.source.kind === 'queue'
}

/** A binding whose source is a stream. */
export type StreamBinding = BindingRecord & { readonly source: StreamSource }

/** A binding whose source is a queue. */
export type QueueBinding = BindingRecord & { readonly source: QueueSource }

export interface BindingBatch {
  readonly recordsMax: number
  /** How long a batch that is not full waits for more, from its first record on; 0 takes what is there. */
  readonly windowMillis: number
  /**
   * Batches at once: of one shard of a stream, where the order of each partition key is kept; of a queue, where that of each message group is,
   * and 0 leaves it to the runner.
   */
  readonly parallel: number
  /** Whether answers say which records failed. */
  readonly partial: boolean
  /** Of a stream: the length of windows of time whose records share a state; absent: there are none. */
  readonly tumblingMillis?: number
}

/** How far a binding with tumbling windows has handled a shard, and the window that is open there. */
export interface WindowProgress {
  /** The sequence behind the last record that is in `window.state`, or in that of a window before. */
  readonly next: number
  readonly window?: OpenWindow
}

/** A window of time of one shard. */
export interface OpenWindow {
  /** Milliseconds since 1970. */
  readonly start: number
  readonly end: number
  /** What the handler answered last. */
  readonly state: unknown
  /** Its first and its last record so far, and how many there are. */
  readonly first: RecordMark
  readonly last: RecordMark
  readonly count: number
}

/** Which record, and when it was stored. */
export interface RecordMark {
  readonly sequence: number
  readonly time: number
}

/** Of a stream's records; what fails of a queue comes again after its visibility timeout, and goes to the queue's own dead letter queue. */
export interface BindingRetry {
  /** How often a batch that failed is tried again; null: until it is too old. */
  readonly retriesMax: number | null
  /** The age at which records are given up; null: never. */
  readonly ageMillisMax: number | null
  /** Whether a batch that failed is halved, so that one bad record does not hold up the others. */
  readonly bisect: boolean
}

/**
 * Functions and HTTP get events; all others get records and messages one by one, as they are. A route's function is invoked without
 * waiting for what it makes of the event.
 */
export type BindingTarget =
  | { readonly kind: 'function'; readonly function: string; readonly qualifier?: string }
  | { readonly kind: 'stream'; readonly stream: string }
  | { readonly kind: 'queue'; readonly queue: string }
  | { readonly kind: 'topic'; readonly topic: string }
  /** A bus takes events: `source` and `detailType` are those of all that it gets. */
  | { readonly kind: 'bus'; readonly bus: string; readonly source?: string; readonly detailType?: string }
  /** The clients of a WebSocket API, of one stage or of all: each of them, or the one whose connection id is the record's key. */
  | { readonly kind: 'sockets'; readonly api: string; readonly stage?: string; readonly to: SocketReach }
  /** `destination`: the API destination whose connection says how calls are let in there. */
  | { readonly kind: 'http'; readonly url: string; readonly destination?: string }

/** Who of a WebSocket API's clients is meant: all, or one by its connection id. */
export type SocketReach = 'all' | 'key'

/** How a binding fares; as its runner last said. */
export interface BindingStatus {
  /** Of the last batch: `OK`, or what went wrong. */
  readonly lastResult: string
  readonly lastError?: string
  /** When that was, milliseconds since 1970. */
  readonly at: number
}

/** A binding as the native API tells of it. */
export interface BindingDescription extends BindingRecord {
  readonly status?: BindingStatus
  /** Records not handled yet, all shards together; messages of a queue; deliveries of a route. */
  readonly lag: number
  /** Of a route: nothing was ever published for it, so that there is nothing to work. */
  readonly dormant?: true
}

const consumerPrefix = 'binding.'

/** The name under which a binding's positions are kept. */
export function consumerOfBinding(name: string): string {
  return `${consumerPrefix}${name}`
}

/** The binding whose positions are kept under a name; undefined for those of others. */
export function bindingOfConsumer(consumer: string): string | undefined {
  return consumer.startsWith(consumerPrefix) ? consumer.slice(consumerPrefix.length) : undefined
}
