import type { BindingDescription, SocketReach } from '../broker/wire/binding.ts'
import type { Endpoint } from '../broker/wire/endpoint.ts'

/** What a binding reads. */
export type BindingSourceOptions =
  /** Default `latest`: what is put from now on. */
  { readonly stream: string; readonly from?: 'horizon' | 'latest' | Date } | { readonly queue: string }

/** Whatever a binding leads to. */
export type BindingTargetOptions =
  | { readonly function: string; readonly qualifier?: string }
  | { readonly stream: string }
  | { readonly queue: string }
  | { readonly topic: string }
  /** Default: `millrace.stream` and `Record`, or `millrace.queue` and `Message`. */
  | { readonly bus: string; readonly source?: string; readonly detailType?: string }
  /** The clients of a WebSocket API, by its id: all of them (the default), or the one whose connection id is the record's key. */
  | { readonly sockets: string; readonly stage?: string; readonly to?: SocketReach }
  | { readonly http: string }

/** All that can be said of a binding. */
export interface BindingOptions {
  readonly source: BindingSourceOptions
  readonly target: BindingTargetOptions
  /** Event patterns, any of which is enough. Default: everything. */
  readonly filter?: readonly object[]
  readonly batch?: {
    /** Default 100 of a stream, 10 of a queue. */
    readonly recordsMax?: number
    /** How long a batch that is not full waits for more. Default 0. */
    readonly windowMillis?: number
    /** Batches at once: of one shard, or of a queue (0 leaves it to the runner). Default 1, or 0. */
    readonly parallel?: number
    /** Whether answers say which records failed. Default false. */
    readonly partial?: boolean
    /** Streams: the length of windows of time whose records share a state. */
    readonly tumblingMillis?: number
  }
  /** Streams; without it a batch is tried again until it is done. */
  readonly retry?: { readonly retriesMax?: number; readonly ageMillisMax?: number; readonly bisect?: boolean }
  /** Streams: who hears of what was given up. */
  readonly deadLetter?: BindingTargetOptions
  readonly paused?: boolean
}

/** A binding of a broker, by name; nothing is sent until something is asked of it. */
export class BindingHandle {
  readonly name: string
  readonly #endpoint: Endpoint

  constructor(endpoint: Endpoint, name: string) {
    this.name = name
    this.#endpoint = endpoint
  }

  /**
   * Makes it, or says all of it anew; then it goes on from where it is. Its source cannot be changed.
   * @throws stream_not_found and the like, pattern_invalid, invalid_field, limit_exceeded
   */
  async set({ source, ...options }: BindingOptions): Promise<BindingDescription> {
    const from = 'stream' in source && source.from instanceof Date ? { from: { time: source.from.getTime() } } : {}
    return (await this.#call('PUT', { ...options, source: { ...source, ...from } })) as BindingDescription
  }

  /** @throws binding_not_found, as all that follows does */
  async describe(): Promise<BindingDescription> {
    return (await this.#call('GET')) as BindingDescription
  }

  /** Stops it; it keeps its position. */
  async pause(): Promise<BindingDescription> {
    return (await this.#call('PATCH', { paused: true })) as BindingDescription
  }

  async resume(): Promise<BindingDescription> {
    return (await this.#call('PATCH', { paused: false })) as BindingDescription
  }

  /** Deletes it, and its position. */
  async delete(): Promise<void> {
    await this.#call('DELETE')
  }

  #call(method: 'GET' | 'PUT' | 'PATCH' | 'DELETE', body?: object): Promise<unknown> {
    const path = `/v1/bindings/${encodeURIComponent(this.name)}`
    return this.#endpoint.call({ method, path, ...(body === undefined ? {} : { body }) })
  }
}
