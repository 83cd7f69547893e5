import type { ServerHttp2Stream } from 'node:http2'
import type { Readable, Writable } from 'node:stream'
import type { Clock, Timer } from '../clock.ts'
import type { Channel, ChannelEvents } from '../wire/channel.ts'
import { MillraceError } from '../wire/errors.ts'

/** Bytes that may wait in a stream before its writer is told to stop: two reads of a catching-up cursor. */
const waitingBytesMax = 512 * 1024

export interface HttpChannelOptions {
  readonly clock: Clock
  /** How long the far side may take to end, once this side did. */
  readonly lingerMillis: number
  /** Hears what the channel's user threw; the stream ends with it, and nothing else does. */
  readonly onFault: (error: unknown) => void
}

/** A request's two bodies as a channel: one HTTP/2 stream, or with HTTP/1.1 the request and the response. */
export class HttpChannel implements Channel {
  readonly #readable: Readable
  readonly #writable: Writable
  readonly #options: HttpChannelOptions
  #events: ChannelEvents | undefined
  #blocked = false
  #ended = false
  #closed = false
  #linger: Timer | undefined

  constructor(readable: Readable, writable: Writable, options: HttpChannelOptions) {
    this.#readable = readable
    this.#writable = writable
    this.#options = options
    readable.pause()
  }

  listen(events: ChannelEvents): void {
    this.#events = events
    this.#readable.on('data', (chunk: Uint8Array) => this.#tell(() => this.#ended || events.data(chunk)))
    this.#readable.on('end', () => this.#tell(() => events.end()))
    this.#readable.on('error', (error) => this.#close(error))
    this.#writable.on('error', (error) => this.#close(error))
    this.#writable.on('close', () => this.#close())
    this.#writable.on('drain', () => {
      this.#blocked = false
      this.#tell(() => events.drain())
    })
    // The client may have gone while the request was being checked; the listener hears of it when it is done listening.
    if (this.#writable.destroyed) queueMicrotask(() => this.#close())
  }

  write(chunk: Uint8Array): boolean {
    if (this.#closed || this.#writable.destroyed || this.#writable.writableEnded) return false
    // 'drain' comes only after write() said no; what it says depends on the stream's own, smaller mark.
    if (!this.#writable.write(chunk)) this.#blocked = this.#writable.writableLength >= waitingBytesMax
    return !this.#blocked
  }

  end(): void {
    if (this.#ended || this.#closed) return
    this.#ended = true
    const { clock, lingerMillis } = this.#options
    this.#linger = clock.after(lingerMillis, () => this.destroy())
    this.#writable.end(() => this.#letGo())
    // Whatever the client still sends is of no interest, but it has to go somewhere for the stream to end.
    this.#readable.resume()
  }

  destroy(): void {
    this.#writable.destroy()
    this.#readable.destroy()
  }

  pause(): void {
    if (!this.#ended) this.#readable.pause()
  }

  resume(): void {
    this.#readable.resume()
  }

  /** All was written: the client need not go on sending (RFC 9113 section 8.1). */
  #letGo(): void {
    const stream = this.#writable as Partial<ServerHttp2Stream>
    if (stream.closed === false && !this.#readable.readableEnded) stream.close?.(0)
  }

  /** Whatever its user throws ends this stream; the others have nothing to do with it. */
  #tell(event: () => unknown): void {
    try {
      event()
    } catch (error) {
      this.#options.onFault(error)
      this.destroy()
    }
  }

  #close(error?: unknown): void {
    if (this.#closed) return
    this.#closed = true
    this.#linger?.cancel()
    this.#tell(() => this.#events?.closed(error === undefined ? undefined : MillraceError.wrap(error)))
  }
}
