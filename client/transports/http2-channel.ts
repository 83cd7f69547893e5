import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { Channel, ChannelEvents } from '../../broker/wire/channel.ts'
import { type ErrorBody, MillraceError } from '../../broker/wire/errors.ts'
import { unavailable } from './unavailable.ts'

/** Bytes that may wait to be sent before the writer is told to stop. */
const waitingBytesMax = 512 * 1024
/**
 * What is handed to HTTP/2 at once. A session that holds more than 10 MB takes the answer to its own request for an attack
 * (ENHANCE_YOUR_CALM), and undici does not let that bound be raised.
 */
const pieceBytesMax = 256 * 1024
/** What is read of a refusal's body. */
const refusalBytesMax = 64 * 1024

export interface Http2ChannelOptions {
  /** This channel's own connection; it goes with the channel. */
  readonly connection: Dispatcher
  readonly path: string
  readonly headers: Record<string, string>
  /** Without it our half stays open for `write`. */
  readonly body: string | undefined
  readonly url: string
  readonly onClosed: () => void
}

/** One POST whose two bodies are a channel, on a connection of its own. */
export class Http2Channel implements Channel {
  readonly #options: Http2ChannelOptions
  readonly #sending: Readable | undefined
  #events: ChannelEvents | undefined
  #controller: Dispatcher.DispatchController | undefined
  #refusal: { status: number; chunks: Buffer[]; bytes: number } | undefined
  #told = false
  #weEnded: boolean
  #theyEnded = false
  #closed = false
  #paused = false

  constructor(options: Http2ChannelOptions) {
    this.#options = options
    this.#weEnded = options.body !== undefined
    if (options.body === undefined) {
      this.#sending = new Readable({ highWaterMark: waitingBytesMax, read: () => this.#drained() })
      this.#sending.on('error', () => undefined)
    }
  }

  listen(events: ChannelEvents): void {
    this.#events = events
    const { connection, path, headers, body } = this.#options
    connection.dispatch(
      { method: 'POST', path, headers, body: body ?? this.#sending ?? null },
      {
        onRequestStart: (controller) => {
          this.#controller = controller
          if (this.#closed) controller.abort(new Error('the channel was destroyed'))
        },
        onResponseStart: (controller, status) => {
          if (status !== 200) this.#refusal = { status, chunks: [], bytes: 0 }
          else if (this.#paused) controller.pause()
        },
        onResponseData: (_controller, chunk) => this.#receive(chunk),
        onResponseEnd: () => this.#theyEnd(),
        onResponseError: (_controller, error) => this.#close(unavailable(this.#options.url, error)),
      },
    )
  }

  write(chunk: Uint8Array): boolean {
    if (this.#weEnded || this.#closed || this.#sending === undefined) return false
    let more = true
    for (let at = 0; at < chunk.length; at += pieceBytesMax) {
      more = this.#sending.push(chunk.subarray(at, at + pieceBytesMax))
    }
    if (!more) this.#told = true
    return more
  }

  end(): void {
    if (this.#weEnded || this.#closed) return
    this.#weEnded = true
    this.#sending?.push(null)
    if (this.#theyEnded) this.#close()
  }

  destroy(error?: MillraceError): void {
    this.#close(error)
  }

  pause(): void {
    this.#paused = true
    this.#controller?.pause()
  }

  resume(): void {
    this.#paused = false
    this.#controller?.resume()
  }

  #receive(chunk: Buffer): void {
    if (this.#closed) return
    if (this.#refusal === undefined) {
      this.#events?.data(chunk)
      return
    }
    this.#refusal.bytes += chunk.length
    if (this.#refusal.bytes <= refusalBytesMax) this.#refusal.chunks.push(chunk)
  }

  #theyEnd(): void {
    if (this.#closed) return
    this.#theyEnded = true
    if (this.#refusal !== undefined) {
      this.#close(refusalError(this.#refusal.status, Buffer.concat(this.#refusal.chunks)))
      return
    }
    this.#events?.end()
    if (this.#weEnded) this.#close()
  }

  #drained(): void {
    if (!this.#told) return
    this.#told = false
    // read() may be called from within push(); the writer hears of it when its own call is over.
    queueMicrotask(() => {
      if (!this.#closed) this.#events?.drain()
    })
  }

  #close(error?: MillraceError): void {
    if (this.#closed) return
    this.#closed = true
    this.#sending?.push(null)
    this.#options.onClosed()
    const gone = error ?? new MillraceError('cancelled', { what: `POST ${this.#options.path}` })
    // The stream goes with its connection and is not aborted by itself: one that has something left to send when it is reset makes
    // Node's HTTP/2 write empty frames without end. Tearing a connection down from within its own callback confuses undici; so it
    // happens in the next turn.
    setImmediate(() => {
      this.#options.connection.destroy(gone).catch(() => undefined)
    })
    this.#events?.closed(error)
  }
}

function refusalError(status: number, body: Buffer): MillraceError {
  try {
    return MillraceError.from(JSON.parse(body.toString()) as Partial<ErrorBody>)
  } catch (cause) {
    return new MillraceError('internal', { reason: `status ${status} with a body that is not JSON` }, cause)
  }
}
