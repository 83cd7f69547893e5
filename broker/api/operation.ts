import type { Broker } from '../broker.ts'
import type { Channel } from '../wire/channel.ts'

/** A request as operations see it, whatever carried it. */
export interface ApiRequest {
  /** What stands for the `{names}` of the path. */
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  /** A JSON value; binary is a Uint8Array where the encoding has it, else base64 text. Undefined without a body. */
  readonly body: unknown
  /** Fires when nobody waits for the answer any more. */
  readonly signal: AbortSignal
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
  readonly method: 'POST'
  readonly path: string
  /** Whether what the request carries is read before, as a body, or by the channel. */
  readonly takes: 'body' | 'channel'
  prepare(broker: Broker, request: ApiRequest): Promise<(channel: Channel) => void> | ((channel: Channel) => void)
}

export type Operation = CallOperation | StreamOperation
