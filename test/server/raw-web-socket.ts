import { Packr } from 'msgpackr'
import { type ClientOptions, WebSocket } from 'ws'
import {
  creditPayload,
  type MessageKind,
  messageKinds,
  readSocketMessage,
  type SocketMessage,
  socketMessage,
  socketPath,
  socketProtocol,
} from '../../broker/wire/socket-message.ts'
import { within } from './harness.ts'

const packr = new Packr({ useRecords: false })

export interface Answered {
  readonly status: number
  readonly body?: unknown
}

/** A socket that says what it is told to, and keeps what it hears: nothing of the client library. */
export class RawWebSocket {
  readonly socket: WebSocket
  readonly heard: SocketMessage[] = []
  /** Resolves with the code and the reason when it is closed. */
  readonly closed: Promise<{ code: number; reason: string }>
  /** The status of the answer when the handshake was refused. */
  refusal: number | undefined
  readonly #opened: Promise<void>
  #news: (() => void)[] = []

  constructor(port: number, options: ClientOptions = {}, protocols: string[] = [socketProtocol], path = socketPath) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, { perMessageDeflate: false, ...options })
    this.#opened = new Promise((resolve, reject) => {
      this.socket.on('open', resolve)
      this.socket.on('error', reject)
    })
    this.#opened.catch(() => undefined)
    this.socket.on('unexpected-response', (_request, response) => {
      this.refusal = response.statusCode
      this.socket.terminate()
    })
    this.closed = new Promise((resolve) =>
      this.socket.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() })
        for (const wake of this.#news.splice(0)) wake()
      }),
    )
    this.socket.on('message', (data: Buffer) => {
      this.heard.push(readSocketMessage(data))
      for (const wake of this.#news.splice(0)) wake()
    })
  }

  async open(): Promise<this> {
    await within(this.#opened, 'the socket is open')
    return this
  }

  send(kind: MessageKind, number: number, payload?: Uint8Array): void {
    this.socket.send(socketMessage(kind, number, payload))
  }

  /** Makes a call and waits for its answer. */
  async call(number: number, method: string, path: string, body?: unknown): Promise<Answered> {
    this.send(messageKinds.call, number, packr.pack({ method, path, ...(body === undefined ? {} : { body }) }))
    const { payload } = await this.hears(messageKinds.answer, number)
    return packr.unpack(payload) as Answered
  }

  openStream(number: number, path: string, credit: number, body?: unknown): void {
    this.send(messageKinds.open, number, packr.pack({ path, credit, ...(body === undefined ? {} : { body }) }))
  }

  grant(number: number, bytes: number): void {
    this.send(messageKinds.credit, number, creditPayload(bytes))
  }

  /** The first message of that kind and number; taken out of what was heard. */
  async hears(kind: MessageKind, number: number): Promise<SocketMessage> {
    for (;;) {
      const at = this.heard.findIndex((each) => each.kind === kind && each.number === number)
      const [found] = at < 0 ? [] : this.heard.splice(at, 1)
      if (found !== undefined) return found
      if (this.socket.readyState === this.socket.CLOSED) throw new Error('the socket was closed')
      await within(new Promise<void>((resolve) => this.#news.push(resolve)), `a message of kind ${kind} for ${number}`)
    }
  }

  /** The code that a stream, or the broker, ended it with; undefined when it ended well. */
  async errorOf(number: number): Promise<string | undefined> {
    const { payload } = await this.hears(messageKinds.close, number)
    return payload.length === 0 ? undefined : (packr.unpack(payload) as { code: string }).code
  }

  /** What came of a stream, one chunk behind the other. */
  bytesOf(number: number): Buffer {
    const data = this.heard.filter((each) => each.kind === messageKinds.data && each.number === number)
    return Buffer.concat(data.map(({ payload }) => payload))
  }

  destroy(): void {
    this.socket.terminate()
  }
}
