import type { Socket } from 'node:net'
import type { RawData, WebSocket } from 'ws'
import type { SocketClient } from '../api/apigateway/socket-event.ts'
import type { SocketRouting } from '../api/apigateway/socket-routing.ts'
import type { Broker } from '../broker.ts'
import { MillraceError } from '../wire/errors.ts'
import type { SocketConnection } from '../wire/socket-connection.ts'
import { closeCodes } from '../wire/socket-message.ts'
import type { Upgraded } from './connections.ts'

/** A client of a WebSocket API: what it sends goes to functions, what they post goes to it. */
export class ApiConnection implements SocketConnection, Upgraded {
  readonly #broker: Broker
  readonly #client: SocketClient
  readonly #routing: SocketRouting
  readonly #webSocket: WebSocket
  readonly #socket: Socket
  readonly #openedAt: number
  lastActiveAt: number
  /** The last traffic by the machine's clock, by which sockets live. */
  #usedAt: number
  #bytesRead = 0
  #heardAt: number
  #closedAt: number | undefined
  #working = 0

  constructor(broker: Broker, client: SocketClient, routing: SocketRouting, webSocket: WebSocket, socket: Socket) {
    this.#broker = broker
    this.#client = client
    this.#routing = routing
    this.#webSocket = webSocket
    this.#socket = socket
    this.#openedAt = broker.wall.now()
    this.#usedAt = this.#openedAt
    this.#heardAt = this.#openedAt
    this.lastActiveAt = broker.clock.now()
    broker.socketConnections.add(this)
    webSocket.on('message', (data, binary) => this.#receive(data, binary))
    webSocket.on('close', (code, reason) => this.#ended(code, reason.toString()))
    // What ws finds wrong with what came it answers itself, and closes.
    webSocket.on('error', () => undefined)
  }

  get id(): string {
    return this.#client.id
  }

  get apiId(): string {
    return this.#client.apiId
  }

  get stage(): string {
    return this.#client.stage
  }

  get connectedAt(): number {
    return this.#client.connectedAt
  }

  get sourceIp(): string {
    return this.#client.sourceIp
  }

  get userAgent(): string {
    return this.#client.userAgent
  }

  async post(text: Uint8Array): Promise<void> {
    this.#used()
    await this.#send(text)
  }

  end(): void {
    this.#close(1000, 'Connection Closed Normally')
    // From here on nobody can post to it.
    this.#broker.socketConnections.remove(this.id)
  }

  cutOff(): void {
    this.#close(closeCodes.stalled, 'it took nothing of what it was sent')
    this.#broker.socketConnections.remove(this.id)
  }

  look(now: number): void {
    const { limits } = this.#broker
    const { bytesRead } = this.#socket
    if (this.#closedAt !== undefined) {
      if (now - this.#closedAt >= limits.lingerMillisMax) this.#socket.destroy()
    } else if (now - this.#openedAt >= limits.apiSocketMillisMax || now - this.#usedAt >= limits.apiIdleMillisMax) {
      this.#close(closeCodes.goingAway, 'Going away')
    } else if (bytesRead !== this.#bytesRead) {
      this.#bytesRead = bytesRead
      this.#heardAt = now
    } else if (now - this.#heardAt >= limits.silenceMillisMax) this.#socket.destroy()
    else if (now - this.#heardAt >= limits.pingMillis) this.#webSocket.ping()
  }

  close(): void {
    this.#close(closeCodes.goingAway, 'Going away')
  }

  #receive(data: RawData, binary: boolean): void {
    if (this.#closedAt !== undefined) return
    if (binary) {
      this.#close(closeCodes.notBinary, 'Binary is not supported')
      return
    }
    this.#used()
    // Who sends faster than functions work is not read meanwhile.
    if (++this.#working >= this.#broker.limits.apiMessagesMax) this.#webSocket.pause()
    this.#routing
      .message(String(data))
      .then((reply) => (reply === undefined ? undefined : this.#send(reply)))
      .catch((error: unknown) => {
        // A client that is gone by now needs no answer.
        if (!(error instanceof MillraceError)) this.#broker.onFault(error)
      })
      .finally(() => {
        this.#working--
        this.#webSocket.resume()
      })
  }

  /** @throws cancelled when it is gone meanwhile, throttled when it takes nothing */
  #send(text: string | Uint8Array): Promise<void> {
    const { apiMessageBytesMax } = this.#broker.limits
    const waiting = this.#socket.writableLength
    if (waiting > 4 * apiMessageBytesMax) {
      throw new MillraceError('throttled', { bytes: waiting, limit: 4 * apiMessageBytesMax })
    }
    return new Promise((resolve, reject) => {
      this.#webSocket.send(text, { binary: false }, (error) => {
        if (error) reject(new MillraceError('cancelled', { what: 'A message to a client that is gone' }, error))
        else resolve()
      })
    })
  }

  #used(): void {
    this.#usedAt = this.#broker.wall.now()
    this.lastActiveAt = this.#broker.clock.now()
  }

  #close(code: number, reason: string): void {
    if (this.#closedAt !== undefined) return
    this.#closedAt = this.#broker.wall.now()
    this.#webSocket.resume()
    this.#webSocket.close(code, reason)
  }

  #ended(code: number, reason: string): void {
    this.#closedAt ??= this.#broker.wall.now()
    this.#broker.socketConnections.remove(this.id)
    this.#routing.disconnect(code, reason).catch(this.#broker.onFault)
  }
}
