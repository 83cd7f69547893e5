import type { Readable, Writable } from 'node:stream'
import type { Channel, ChannelEvents } from '../wire/channel.ts'
import { MillraceError } from '../wire/errors.ts'

/** Bytes that may wait in a stream before its writer is told to stop: two reads of a catching-up cursor. */
const waitingBytesMax = 512 * 1024

/** A request's two bodies as a channel: one HTTP/2 stream, or with HTTP/1.1 the request and the response. */
export class HttpChannel implements Channel {
  readonly #readable: Readable
  readonly #writable: Writable
  #blocked = false
  #closed = false

  constructor(readable: Readable, writable: Writable) {
    this.#readable = readable
    this.#writable = writable
    readable.pause()
  }

  listen(events: ChannelEvents): void {
    const { promise, close } = this.#closing()
    this.#readable.on('data', (chunk: Uint8Array) => events.data(chunk))
    this.#readable.on('end', () => events.end())
    this.#readable.on('error', (error) => close(error))
    this.#writable.on('error', (error) => close(error))
    this.#writable.on('close', () => close())
    this.#writable.on('drain', () => {
      this.#blocked = false
      events.drain()
    })
    promise.then((error) => events.closed(error))
    // The client may have gone while the request was being checked.
    if (this.#writable.destroyed) close()
  }

  write(chunk: Uint8Array): boolean {
    if (this.#closed || this.#writable.destroyed || this.#writable.writableEnded) return false
    // 'drain' comes only after write() said no; what it says depends on the stream's own, smaller mark.
    if (!this.#writable.write(chunk)) this.#blocked = this.#writable.writableLength >= waitingBytesMax
    return !this.#blocked
  }

  end(): void {
    if (this.#closed || this.#writable.writableEnded) return
    this.#writable.end()
    // Whatever the client still sends is of no interest, but it has to go somewhere for the stream to end.
    this.#readable.removeAllListeners('data')
    this.#readable.resume()
  }

  destroy(): void {
    this.#writable.destroy()
    this.#readable.destroy()
  }

  pause(): void {
    this.#readable.pause()
  }

  resume(): void {
    this.#readable.resume()
  }

  #closing(): { promise: Promise<MillraceError | undefined>; close: (error?: unknown) => void } {
    let close: (error?: unknown) => void = () => undefined
    const promise = new Promise<MillraceError | undefined>((resolve) => {
      close = (error) => {
        this.#closed = true
        resolve(error === undefined ? undefined : MillraceError.wrap(error))
      }
    })
    return { promise, close }
  }
}
