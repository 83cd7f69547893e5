/**
 * What binds a source of events to a target: one record for what AWS has five names for. It is kept by the broker and worked by a runner,
 * which is a client like any other.
 */
export interface BindingRecord {
  /** Its id; for one made by AWS's API, a UUID. */
  readonly name: string
  /** Grows with every change. */
  readonly revision: number
  readonly source: StreamSource
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

/** A stream as a source: each shard in order, parents before children. */
export interface StreamSource {
  readonly kind: 'stream'
  readonly stream: string
  /** Where it begins; `latest` is where the stream ended when the binding was made. */
  readonly from: 'horizon' | 'latest' | { readonly time: number }
  /** What events name as their source: the stream's ARN, or that of a consumer of it. */
  readonly arn: string
}

export interface BindingBatch {
  readonly recordsMax: number
  /** How long a batch that is not full waits for more, from its first record on; 0 takes what is there. */
  readonly windowMillis: number
  /** Batches of one shard at once; the order of each partition key is kept. */
  readonly parallel: number
  /** Whether answers say which records failed. */
  readonly partial: boolean
}

export interface BindingRetry {
  /** How often a batch that failed is tried again; null: until it is too old. */
  readonly retriesMax: number | null
  /** The age at which records are given up; null: never. */
  readonly ageMillisMax: number | null
  /** Whether a batch that failed is halved, so that one bad record does not hold up the others. */
  readonly bisect: boolean
}

export type BindingTarget =
  | { readonly kind: 'function'; readonly function: string; readonly qualifier?: string }
  | { readonly kind: 'stream'; readonly stream: string }

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
  /** Records not handled yet, all shards together. */
  readonly lag: number
}

/** The name under which a binding's positions are kept. */
export function consumerOfBinding(name: string): string {
  return `binding.${name}`
}
