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
  readonly paused: boolean
  readonly createdAt: number
  readonly modifiedAt: number
  /** Of whoever made it: they show in the ARNs of events. */
  readonly region: string
  readonly account: string
}

export type BindingSource = StreamSource | QueueSource

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

/** Functions and HTTP get events; streams and queues get records and messages one by one, as they are. */
export type BindingTarget =
  | { readonly kind: 'function'; readonly function: string; readonly qualifier?: string }
  | { readonly kind: 'stream'; readonly stream: string }
  | { readonly kind: 'queue'; readonly queue: string }
  | { readonly kind: 'http'; readonly url: string }

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
  /** Records not handled yet, all shards together; messages of a queue. */
  readonly lag: number
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
