import type { Duplex } from 'node:stream'
import { Packr } from 'msgpackr'
import type { RawData, WebSocket } from 'ws'
import { newConnectionId } from '../api/connection-id.ts'
import type { Dispatch } from '../api/dispatch.ts'
import { Fields } from '../api/fields.ts'
import { plain } from '../api/plain.ts'
import type { Broker } from '../broker.ts'
import { MillraceError } from '../wire/errors.ts'
import { checkMessagePack } from '../wire/messagepack.ts'
import type { GatewaySocket } from '../wire/socket-connection.ts'
import {
  closeCodes,
  creditPayload,
  type MessageKind,
  messageKinds,
  readCredit,
  readSocketMessage,
  type SocketMessage,
  socketMessage,
} from '../wire/socket-message.ts'
import type { Access } from './access.ts'
import type { Upgraded } from './connections.ts'
import type { DataMessages } from './data-messages.ts'
import { SocketChannel, type SocketLine } from './socket-channel.ts'

const packr = new Packr({ useRecords: false })

export interface SocketSessionOptions {
  readonly broker: Broker
  readonly dispatch: Dispatch
  readonly access: Access
  /** Shared by all sockets. */
  readonly messages: DataMessages
  /** Hears of every call that begins, and calls what it got when that is answered. */
  readonly onCall: () => () => void
  readonly sourceIp: string
  readonly userAgent: string
}

/** One WebSocket: the calls and long streams that its client has under way. */
export class SocketSession implements SocketLine, Upgraded, GatewaySocket {
  readonly id = newConnectionId()
  readonly connectedAt: number
  readonly #options: SocketSessionOptions
  readonly #socket: WebSocket
  /** What the WebSocket runs over: data that all sockets share is written here, already encoded. */
  readonly #stream: Duplex & { readonly bytesRead?: number }
  readonly #calls = new Map<number, AbortController>()
  readonly #channels = new Map<number, SocketChannel>()
  #blockedSince: number | undefined
  #bytesRead = 0
  #heardAt: number
  #usedAt: number
  #closedAt: number | undefined
  #over = false

  constructor(options: SocketSessionOptions, socket: WebSocket, stream: Duplex) {
    this.#options = options
    this.connectedAt = options.broker.clock.now()
    this.#socket = socket
    this.#stream = stream
    this.#heardAt = options.broker.wall.now()
    this.#usedAt = this.#heardAt
    socket.on('message', (data, binary) => this.#receive(data, binary))
    socket.on('close', () => this.#ended())
    // What ws finds wrong with what came it answers itself, and closes.
    socket.on('error', () => undefined)
    stream.on('drain', () => this.#drained())
  }

  get sourceIp(): string {
    return this.#options.sourceIp
  }

  get userAgent(): string {
    return this.#options.userAgent
  }

  get longStreams(): number {
    return this.#channels.size
  }

  get writable(): boolean {
    return this.#stream.writableLength < this.#options.broker.limits.socketWaitingBytesMax
  }

  get onFault(): (error: unknown) => void {
    return this.#options.broker.onFault
  }

  data(number: number, chunk: Uint8Array): void {
    if (!this.#open) return
    const [first, second] = this.#options.messages.encode(number, chunk)
    // Between frames only, as ws writes its own whole: without compression it holds nothing back.
    if (second === undefined) this.#stream.write(first)
    else {
      this.#stream.cork()
      this.#stream.write(first)
      this.#stream.write(second)
      this.#stream.uncork()
    }
    this.#regulate()
  }

  credit(number: number, bytes: number): void {
    this.#send(messageKinds.credit, number, creditPayload(bytes))
  }

  closed(number: number, error: MillraceError | undefined): void {
    this.#channels.delete(number)
    this.#usedAt = this.#options.broker.wall.now()
    this.#send(messageKinds.close, number, error === undefined ? undefined : packr.pack(error.toJSON()))
  }

  look(now: number): void {
    const { limits } = this.#options.broker
    if (this.#closedAt !== undefined) {
      // It was told; who does not go is put out.
      if (now - this.#closedAt >= limits.lingerMillisMax) this.#stream.destroy()
      return
    }
    const { bytesRead = 0 } = this.#stream
    if (bytesRead !== this.#bytesRead) {
      this.#bytesRead = bytesRead
      this.#heardAt = now
    } else if (now - this.#heardAt >= limits.silenceMillisMax) this.#stream.destroy()
    else if (now - this.#heardAt >= limits.pingMillis) this.#socket.ping()
    if (this.#blockedSince !== undefined && now - this.#blockedSince >= limits.socketStallMillisMax) {
      this.#close(closeCodes.stalled, 'it took nothing of what waited for it')
    } else if (this.#unused && now - this.#usedAt >= limits.socketIdleMillisMax) {
      this.#close(closeCodes.idle, 'nothing was open')
    }
  }

  close(): void {
    this.#close(closeCodes.goingAway, 'the broker goes away')
  }

  end(): void {
    this.#close(1000, 'the connection was ended')
  }

  /** Tells the client that it may not be here, and why. */
  refuse(code: number, reason: string): void {
    this.#close(code, reason)
  }

  get #open(): boolean {
    return !this.#over && this.#closedAt === undefined && this.#socket.readyState === this.#socket.OPEN
  }

  get #unused(): boolean {
    return this.#channels.size === 0 && this.#calls.size === 0
  }

  #receive(data: RawData, binary: boolean): void {
    if (!this.#open) return
    if (!binary) {
      this.#close(closeCodes.notBinary, 'messages are binary; see docs/wire.md')
      return
    }
    try {
      // One message is one Buffer, as ws does it unless it is told otherwise.
      this.#take(readSocketMessage(data as Buffer))
    } catch (error) {
      const { code, message } = MillraceError.wrap(error)
      if (code === 'internal') this.onFault(error)
      this.#close(closeCodes.broken, message)
    }
  }

  #take({ kind, number, payload }: SocketMessage): void {
    const channel = this.#channels.get(number)
    if (kind === messageKinds.data) this.#arrive(channel, payload)
    else if (kind === messageKinds.credit)
      channel?.granted(readCredit(payload), this.#options.broker.limits.socketCreditBytesMax)
    else if (kind === messageKinds.end) channel?.arriveEnd()
    else if (kind === messageKinds.call) this.#call(number, payload)
    else if (kind === messageKinds.open) this.#openChannel(number, payload)
    else if (kind === messageKinds.close) this.#drop(number, channel)
    else if (kind === messageKinds.ping) this.#send(messageKinds.ping, number)
  }

  #arrive(channel: SocketChannel | undefined, payload: Uint8Array): void {
    try {
      channel?.arrive(payload)
    } catch (error) {
      const wrapped = MillraceError.wrap(error)
      // Too much of all clients together is nothing that this one did wrong.
      if (wrapped.code !== 'throttled') throw error
      channel?.destroy(wrapped)
    }
  }

  #drop(number: number, channel: SocketChannel | undefined): void {
    this.#calls.get(number)?.abort()
    channel?.broke(new MillraceError('cancelled', { what: 'The stream' }))
  }

  #call(number: number, payload: Uint8Array): void {
    this.#reserve(number, this.#calls.size, this.#options.broker.limits.socketCallsMax)
    const abandoned = new AbortController()
    this.#calls.set(number, abandoned)
    const answered = this.#options.onCall()
    this.#run(payload, abandoned.signal)
      .catch((error: unknown) => {
        const wrapped = MillraceError.wrap(error)
        if (wrapped.code === 'internal') this.onFault(wrapped.cause ?? error)
        return { status: wrapped.status, body: wrapped.toJSON() as unknown }
      })
      .then((answer) => {
        this.#calls.delete(number)
        this.#usedAt = this.#options.broker.wall.now()
        this.#send(messageKinds.answer, number, packr.pack(answer))
      })
      .finally(answered)
  }

  async #run(payload: Uint8Array, signal: AbortSignal): Promise<{ status: number; body?: unknown }> {
    const { broker, dispatch, access } = this.#options
    broker.unfinished.take(payload.length)
    try {
      const fields = valueIn(payload)
      const method = fields.required('method', fields.string('method'))
      const path = fields.required('path', fields.string('path'))
      const query = queryIn(fields)
      const content = fields.raw('body')
      fields.done()
      const { operation, params } = dispatch.find(method, path)
      const may = access.require(operation, params)
      if ('prepare' in operation)
        throw new MillraceError('bad_request', { reason: `${path} is a long stream: open it` })
      const { status = 200, body } = await operation.run(broker, { params, query, body: content, signal, may })
      return body === undefined ? { status } : { status, body: plain(body, (data) => data) }
    } finally {
      broker.unfinished.give(payload.length)
    }
  }

  #openChannel(number: number, payload: Uint8Array): void {
    const { broker } = this.#options
    this.#reserve(number, this.#channels.size, broker.limits.socketStreamsMax)
    const fields = valueIn(payload)
    const { socketCreditBytesMax: max } = broker.limits
    const credit = fields.required('credit', fields.integer('credit', { min: 0, max }))
    const channel = new SocketChannel(this, number, credit, broker.unfinished)
    this.#channels.set(number, channel)
    this.#begin(channel, fields).catch((error: unknown) => {
      const wrapped = MillraceError.wrap(error)
      if (wrapped.code === 'internal') this.onFault(wrapped.cause ?? error)
      channel.destroy(wrapped)
    })
  }

  async #begin(channel: SocketChannel, fields: Fields): Promise<void> {
    const { broker, dispatch, access } = this.#options
    const path = fields.required('path', fields.string('path'))
    const body = fields.raw('body')
    fields.done()
    const { operation, params } = dispatch.find('POST', path)
    const may = access.require(operation, params)
    if (!('prepare' in operation)) throw new MillraceError('bad_request', { reason: `${path} is not a long stream` })
    const { signal } = new AbortController()
    const start = await operation.prepare(broker, { params, query: {}, body, signal, may })
    start(channel)
  }

  /** @throws frame_malformed when the number is in use, or there are too many of its kind */
  #reserve(number: number, count: number, limit: number): void {
    if (this.#calls.has(number) || this.#channels.has(number)) {
      throw new MillraceError('frame_malformed', { reason: `number ${number} is in use` })
    }
    if (count >= limit) {
      throw new MillraceError('frame_malformed', { reason: `more than ${limit} of that kind are under way` })
    }
  }

  #send(kind: MessageKind, number: number, payload?: Uint8Array): void {
    if (!this.#open) return
    this.#socket.send(socketMessage(kind, number, payload))
    this.#regulate()
  }

  /** Who takes nothing is not heard either, so that what it asks for cannot pile up. */
  #regulate(): void {
    if (this.#blockedSince !== undefined || this.writable) return
    this.#blockedSince = this.#options.broker.wall.now()
    this.#socket.pause()
  }

  #drained(): void {
    if (this.#blockedSince === undefined) return
    this.#blockedSince = undefined
    this.#socket.resume()
    for (const channel of [...this.#channels.values()]) channel.drained()
  }

  #close(code: number, reason: string): void {
    if (!this.#open) return
    // RFC 6455 section 5.5: 125 bytes with the code.
    this.#socket.close(
      code,
      Buffer.from(reason)
        .subarray(0, 123)
        .toString()
        .replace(/\ufffd+$/, ''),
    )
    this.#closedAt = this.#options.broker.wall.now()
    this.#socket.resume()
    this.#breakAll()
  }

  #ended(): void {
    this.#over = true
    this.#breakAll()
  }

  #breakAll(): void {
    for (const call of this.#calls.values()) call.abort()
    for (const channel of [...this.#channels.values()]) channel.broke()
  }
}

function valueIn(payload: Uint8Array): Fields {
  checkMessagePack(payload)
  return new Fields(packr.unpack(payload))
}

function queryIn(fields: Fields): Record<string, string> {
  const value = fields.raw('query')
  if (value === undefined) return {}
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
    if (entries.every(([, each]) => typeof each === 'string')) return Object.fromEntries(entries)
  }
  throw fields.invalid('query', 'must be a map of strings')
}
