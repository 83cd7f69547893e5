import type { MillraceError } from './errors.ts'

/**
 * A two-way stream of bytes with back-pressure: what an append session and a subscription talk through, on either side,
 * be it an HTTP/2 stream or two ends in one process. Chunks have no meaning; frames are cut out of them.
 */
export interface Channel {
  /** Says who is told; called once, before anything arrives. */
  listen(events: ChannelEvents): void
  /** Sends `chunk`, which is not to be changed afterwards. False means: stop until `drain`. */
  write(chunk: Uint8Array): boolean
  /** Ends this side; the other side may still send. */
  end(): void
  /** Ends both sides at once, dropping what is under way. */
  destroy(error?: MillraceError): void
  /** Stops `data` until `resume`; the far side feels it as back-pressure. */
  pause(): void
  resume(): void
}

export interface ChannelEvents {
  data(chunk: Uint8Array): void
  /** The far side ended its half. */
  end(): void
  /** More may be written. */
  drain(): void
  /** Nothing more will come or go; `error` unless both halves ended well. Called once. */
  closed(error?: MillraceError): void
}
