import { MillraceError } from '../../broker/wire/errors.ts'
import {
  closeCodes,
  type MessageKind,
  messageKinds,
  readSocketMessage,
  type SocketMessage,
  socketMessage,
} from '../../broker/wire/socket-message.ts'
import { type BackgroundTimer, backgroundTimer } from '../background-timer.ts'

/** As much of a WebSocket as is needed here: a browser's, or one of a package. */
export interface WebSocketLike {
  binaryType: string
  readonly readyState: number
  send(data: Uint8Array<ArrayBuffer>): void
  close(code?: number): void
  addEventListener(type: 'open' | 'message' | 'close' | 'error', listener: (event: never) => void): void
}

/** What waits at a number for what comes to it. */
export interface Receiver {
  receive(message: SocketMessage): void
  /** The link is gone. */
  lost(error: MillraceError): void
}

const connecting = 0
const open = 1
/** A broker that says nothing for so long, while something is under way, is asked whether it is there, ... */
const pingMillis = 10_000
/** ... and is taken for gone when it does not say so. A page is not told when its network is. */
const silenceMillisMax = 20_000
/** A stream that is given up is confirmed at once; who does not do that for so long, and says nothing else, is gone. */
const confirmMillisMax = 3_000
const numbersMax = 65_536

/** One WebSocket, from its opening to its end, and who waits for what comes through it. */
export class WebSocketLink {
  readonly #socket: WebSocketLike
  readonly #url: string
  readonly #onEnd: () => void
  readonly #receivers = new Map<number, Receiver>()
  /** What was said before the socket was open. */
  #early: Uint8Array<ArrayBuffer>[] = []
  #heardAt = Date.now()
  #timer: BackgroundTimer | undefined
  #over = false

  constructor(socket: WebSocketLike, url: string, onEnd: () => void) {
    this.#socket = socket
    this.#url = url
    this.#onEnd = onEnd
    socket.binaryType = 'arraybuffer'
    socket.addEventListener('open', () => {
      this.#heardAt = Date.now()
      for (const message of this.#early.splice(0)) socket.send(message)
    })
    socket.addEventListener('message', ({ data }: { data: unknown }) => this.#receive(data))
    socket.addEventListener('error', (event: { message?: string }) => this.end(this.#unavailable(event.message)))
    socket.addEventListener('close', ({ code, reason }: { code: number; reason: string }) => {
      if (code === closeCodes.unauthorized) this.end(new MillraceError('unauthorized', { reason }))
      else if (code === closeCodes.originRefused) this.end(new MillraceError('origin_refused', { origin: ownOrigin() }))
      else this.end(this.#unavailable(reason === '' ? `the connection ended (${code})` : reason))
    })
  }

  /** A number for a call or a stream: the lowest that is free, so that the streams of many clients have the same ones. */
  add(receiver: Receiver): number {
    let number = 0
    while (this.#receivers.has(number)) number++
    if (number >= numbersMax) throw new MillraceError('throttled', { bytes: number, limit: numbersMax })
    this.#receivers.set(number, receiver)
    this.#watch()
    return number
  }

  /** Nothing more will come to `number`. */
  remove(number: number): void {
    this.#receivers.delete(number)
  }

  send(kind: MessageKind, number: number, payload?: Uint8Array): void {
    if (this.#over) return
    const message = socketMessage(kind, number, payload)
    if (this.#socket.readyState === connecting) this.#early.push(message)
    else if (this.#socket.readyState === open) this.#socket.send(message)
  }

  /** Gives a stream up, for want of heartbeats maybe: then it shows by this whether it is the link that is dead. */
  giveUp(number: number): void {
    this.send(messageKinds.close, number)
    const asked = Date.now()
    backgroundTimer(confirmMillisMax, () => {
      if (this.#heardAt < asked && this.#receivers.has(number)) this.end(this.#unavailable('it said nothing'))
    })
  }

  /** Lets go of it; whoever waits is told `error`. */
  end(error: MillraceError): void {
    if (this.#over) return
    this.#over = true
    this.#timer?.cancel()
    this.#early = []
    this.#onEnd()
    this.#socket.close()
    for (const receiver of [...this.#receivers.values()]) receiver.lost(error)
    this.#receivers.clear()
  }

  #receive(data: unknown): void {
    if (this.#over) return
    this.#heardAt = Date.now()
    if (!(data instanceof ArrayBuffer)) return
    try {
      const message = readSocketMessage(new Uint8Array(data))
      this.#receivers.get(message.number)?.receive(message)
    } catch (error) {
      this.end(MillraceError.wrap(error))
    }
  }

  #watch(): void {
    this.#timer ??= backgroundTimer(pingMillis, () => {
      this.#timer = undefined
      if (this.#over || this.#receivers.size === 0) return
      const silence = Date.now() - this.#heardAt
      if (silence >= silenceMillisMax) this.end(this.#unavailable('it said nothing'))
      else {
        if (silence >= pingMillis) this.send(messageKinds.ping, 0)
        this.#watch()
      }
    })
  }

  #unavailable(reason = 'no connection'): MillraceError {
    return new MillraceError('unavailable', { url: this.#url, reason })
  }
}

function ownOrigin(): string {
  const { location } = globalThis as { readonly location?: { readonly origin: string } }
  return location?.origin ?? 'unknown'
}
