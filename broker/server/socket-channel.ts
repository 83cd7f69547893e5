import type { Budget } from '../budget.ts'
import type { Channel, ChannelEvents } from '../wire/channel.ts'
import { MillraceError } from '../wire/errors.ts'
import { clientWindowBytes } from '../wire/socket-message.ts'

/** The socket that a channel is one of. */
export interface SocketLine {
  /** Whether the socket takes more now; when not, `drained` says when. */
  readonly writable: boolean
  data(number: number, chunk: Uint8Array): void
  credit(number: number, bytes: number): void
  /** The channel is over. */
  closed(number: number, error: MillraceError | undefined): void
  /** Hears what the channel's user threw; the channel ends with it. */
  readonly onFault: (error: unknown) => void
}

/** One long stream among those of a socket: it goes as fast as its own credit and the socket allow. */
export class SocketChannel implements Channel {
  readonly #line: SocketLine
  readonly #number: number
  readonly #unfinished: Budget
  #events: ChannelEvents | undefined
  /** What the client takes; below zero once a chunk was larger than what was left. */
  #credit: number
  /** The writer was told to stop. */
  #told = false
  /** What the client may send. */
  #window = clientWindowBytes
  #consumed = 0
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #paused = true
  #theyEnded = false
  #endSeen = false
  #closed = false

  constructor(line: SocketLine, number: number, credit: number, unfinished: Budget) {
    this.#line = line
    this.#number = number
    this.#credit = credit
    this.#unfinished = unfinished
  }

  listen(events: ChannelEvents): void {
    this.#events = events
  }

  write(chunk: Uint8Array): boolean {
    if (this.#closed) return false
    this.#line.data(this.#number, chunk)
    this.#credit -= chunk.length
    if (this.#takesMore) return true
    this.#told = true
    return false
  }

  end(): void {
    this.#close(undefined)
  }

  destroy(error?: MillraceError): void {
    this.#close(error ?? new MillraceError('cancelled', { what: 'The stream' }))
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    if (this.#waiting.length > 0 || this.#theyEnded) queueMicrotask(() => this.#deliver())
  }

  /**
   * Takes what came from the client.
   * @throws frame_malformed when that is more than it may send, throttled when the broker holds too much of such
   */
  arrive(chunk: Uint8Array): void {
    if (this.#closed || this.#theyEnded) return
    this.#window -= chunk.length
    if (this.#window < 0) throw new MillraceError('frame_malformed', { reason: 'it is more than was granted' })
    this.#unfinished.take(chunk.length)
    this.#waiting.push(chunk)
    this.#waitingBytes += chunk.length
    this.#deliver()
  }

  /** The client's half is over. */
  arriveEnd(): void {
    this.#theyEnded = true
    this.#deliver()
  }

  /** The client takes so much more. */
  granted(bytes: number, bytesMax: number): void {
    this.#credit = Math.min(this.#credit + bytes, bytesMax)
    this.drained()
  }

  /** The socket takes more. */
  drained(): void {
    if (!this.#told || this.#closed || !this.#takesMore) return
    this.#told = false
    this.#tell(() => this.#events?.drain())
  }

  /** The socket, or the client's interest, is gone; the client is told when the socket is still there. */
  broke(error?: MillraceError): void {
    this.#close(error)
  }

  get #takesMore(): boolean {
    return this.#credit > 0 && this.#line.writable
  }

  #deliver(): void {
    while (!this.#paused && !this.#closed && this.#waiting.length > 0) {
      const chunk = this.#waiting.shift() as Uint8Array
      this.#waitingBytes -= chunk.length
      this.#unfinished.give(chunk.length)
      this.#consume(chunk.length)
      this.#tell(() => this.#events?.data(chunk))
    }
    if (this.#paused || this.#closed || !this.#theyEnded || this.#endSeen) return
    this.#endSeen = true
    this.#tell(() => this.#events?.end())
  }

  /** Grants what was taken anew, once it is worth a message. */
  #consume(bytes: number): void {
    this.#consumed += bytes
    if (this.#consumed < clientWindowBytes / 2) return
    this.#line.credit(this.#number, this.#consumed)
    this.#window += this.#consumed
    this.#consumed = 0
  }

  #tell(event: () => unknown): void {
    try {
      event()
    } catch (error) {
      this.#line.onFault(error)
      this.destroy(MillraceError.wrap(error))
    }
  }

  #close(error: MillraceError | undefined): void {
    if (this.#closed) return
    this.#closed = true
    this.#unfinished.give(this.#waitingBytes)
    this.#waiting = []
    this.#waitingBytes = 0
    this.#line.closed(this.#number, error)
    // Whoever ended it is not told within his own call.
    queueMicrotask(() => this.#tell(() => this.#events?.closed(error)))
  }
}
