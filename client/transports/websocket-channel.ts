import { Packr } from 'msgpackr'
import type { Channel, ChannelEvents } from '../../broker/wire/channel.ts'
import { MillraceError } from '../../broker/wire/errors.ts'
import {
  clientMessageBytes,
  clientWindowBytes,
  creditPayload,
  messageKinds,
  readCredit,
  type SocketMessage,
} from '../../broker/wire/socket-message.ts'
import type { Receiver, WebSocketLink } from './websocket-link.ts'

const packr = new Packr({ useRecords: false })

/** What the broker may send of a stream before it hears that it was taken. */
const brokerWindowBytes = 1024 * 1024

export interface WebSocketChannelOptions {
  readonly path: string
  readonly body: unknown
  /** The link to open it over: the one there is, or a new one. */
  readonly link: () => WebSocketLink
}

/** One long stream among those of a link. */
export class WebSocketChannel implements Channel, Receiver {
  readonly #options: WebSocketChannelOptions
  #events: ChannelEvents | undefined
  #link: WebSocketLink | undefined
  #number = 0
  /** What may be sent. */
  #window = clientWindowBytes
  #outgoing: Uint8Array[] = []
  #told = false
  #incoming: Uint8Array[] = []
  /** Bytes that were taken and not yet granted anew. */
  #taken = 0
  #paused = false
  #weEnded: boolean
  #endSent = false
  /** How the broker ended it; told once all that came before was taken. */
  #ending: { readonly error: MillraceError | undefined } | undefined
  #closed = false

  constructor(options: WebSocketChannelOptions) {
    this.#options = options
    this.#weEnded = options.body !== undefined
  }

  listen(events: ChannelEvents): void {
    this.#events = events
    const { path, body, link } = this.#options
    this.#link = link()
    this.#number = this.#link.add(this)
    const request = { path, credit: brokerWindowBytes, ...(body === undefined ? {} : { body }) }
    this.#link.send(messageKinds.open, this.#number, packr.pack(request))
    if (this.#weEnded) this.#sendEnd()
  }

  write(chunk: Uint8Array): boolean {
    if (this.#weEnded || this.#closed) return false
    for (let at = 0; at < chunk.length; at += clientMessageBytes) {
      this.#outgoing.push(chunk.subarray(at, at + clientMessageBytes))
    }
    this.#flush()
    if (this.#outgoing.length === 0) return true
    this.#told = true
    return false
  }

  end(): void {
    if (this.#weEnded || this.#closed) return
    this.#weEnded = true
    this.#flush()
  }

  destroy(error?: MillraceError): void {
    if (this.#closed) return
    // Its number is free when the broker has said so; until then what still comes to it is of no interest.
    this.#link?.giveUp(this.#number)
    this.#close(error)
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    if (this.#incoming.length > 0 || this.#ending !== undefined) queueMicrotask(() => this.#deliver())
  }

  receive({ kind, payload }: SocketMessage): void {
    if (kind === messageKinds.close) {
      this.#link?.remove(this.#number)
      if (this.#closed) return
      this.#ending = { error: payload.length === 0 ? undefined : MillraceError.from(packr.unpack(payload)) }
      this.#deliver()
    } else if (this.#closed) return
    else if (kind === messageKinds.data) {
      this.#incoming.push(payload)
      this.#deliver()
    } else if (kind === messageKinds.credit) {
      this.#window += readCredit(payload)
      this.#flush()
      if (!this.#told || this.#outgoing.length > 0) return
      this.#told = false
      this.#events?.drain()
    }
  }

  lost(error: MillraceError): void {
    this.#close(error)
  }

  #deliver(): void {
    while (!this.#paused && !this.#closed && this.#incoming.length > 0) {
      const chunk = this.#incoming.shift() as Uint8Array
      this.#grant(chunk.length)
      this.#events?.data(chunk)
    }
    if (this.#paused || this.#closed || this.#ending === undefined) return
    const { error } = this.#ending
    if (error === undefined) this.#events?.end()
    this.#close(error)
  }

  #grant(bytes: number): void {
    this.#taken += bytes
    if (this.#taken < brokerWindowBytes / 2) return
    this.#link?.send(messageKinds.credit, this.#number, creditPayload(this.#taken))
    this.#taken = 0
  }

  #flush(): void {
    while (this.#outgoing.length > 0) {
      const chunk = this.#outgoing[0] as Uint8Array
      if (chunk.length > this.#window) return
      this.#outgoing.shift()
      this.#window -= chunk.length
      this.#link?.send(messageKinds.data, this.#number, chunk)
    }
    if (this.#weEnded) this.#sendEnd()
  }

  #sendEnd(): void {
    if (this.#endSent || this.#link === undefined) return
    this.#endSent = true
    this.#link.send(messageKinds.end, this.#number)
  }

  #close(error: MillraceError | undefined): void {
    if (this.#closed) return
    this.#closed = true
    this.#incoming = []
    this.#outgoing = []
    this.#events?.closed(error)
  }
}
