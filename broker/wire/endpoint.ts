import type { Channel } from './channel.ts'

/**
 * What a client talks to: a broker's native API as calls and long streams. The broker in this process is one; a transport
 * that carries the same over HTTP/2 is another. Paths and bodies are those of docs/wire.md.
 */
export interface Endpoint {
  /**
   * One resource call; resolves with the answer's body (undefined for 204).
   * @throws MillraceError, the one the broker answered with, or `unavailable`, or `cancelled` when `signal` fired
   */
  call(call: EndpointCall): Promise<unknown>
  /**
   * Opens a long stream with POST. With a `body` that body is sent and our half is over; without, both halves stay open.
   * Returns at once: a refusal arrives as the error of `closed`.
   */
  open(path: string, body?: unknown): Channel
  /** Lets go of connections; what is open on them ends. */
  close(): Promise<void>
}

export interface EndpointCall {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'
  /** As in docs/wire.md, names percent-encoded. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /** A JSON value; binary record data as Uint8Array where a `data` field takes it. */
  readonly body?: unknown
  readonly signal?: AbortSignal
}
