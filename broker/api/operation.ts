import type { Broker } from '../broker.ts'
import type { Channel } from '../wire/channel.ts'

/** What of reading and writing a caller may do with what the operation is about. */
export interface May {
  readonly read: boolean
  readonly write: boolean
}

/** A request as operations see it, whatever carried it. */
export interface ApiRequest {
  /** What stands for the `{names}` of the path. */
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  /** A JSON value; binary is a Uint8Array where the encoding has it, else base64 text. Undefined without a body. */
  readonly body: unknown
  /** Fires when nobody waits for the answer any more. */
  readonly signal: AbortSignal
  /** Whoever may call the operation at all may read and write, unless this says less. */
  readonly may?: May
  /** Where a browser's reading of events was when it lost its connection. */
  readonly lastEventId?: string
}

export interface ApiAnswer {
  /** The HTTP status; 200 by default. */
  readonly status?: number
  /** A JSON value that may hold Uint8Arrays, which must not be changed; nothing with 204. */
  readonly body?: unknown
}

export type Method = 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'

/** A call: one request, one answer. Throws MillraceError. */
export interface CallOperation {
  readonly method: Method
  /** Path with `{names}` for its variable segments. */
  readonly path: string
  run(broker: Broker, request: ApiRequest): Promise<ApiAnswer> | ApiAnswer
}

/** A long stream: checked first, which may throw MillraceError, then given the channel to talk through. */
export interface StreamOperation {
  readonly method: 'POST' | 'GET'
  readonly path: string
  /** Whether what the request carries is read before, as a body, or by the channel, or is in its query. */
  readonly takes: 'body' | 'channel' | 'query'
  /** What comes back; frames by default. */
  readonly contentType?: string
  prepare(broker: Broker, request: ApiRequest): Promise<(channel: Channel) => void> | ((channel: Channel) => void)
}

export type Operation = CallOperation | StreamOperation
