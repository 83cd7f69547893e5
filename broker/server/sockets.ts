import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { type ServerOptions, WebSocketServer } from 'ws'
import type { IntegrationCalls } from '../api/apigateway/integration-calls.ts'
import type { Dispatch } from '../api/dispatch.ts'
import type { Broker } from '../broker.ts'
import { MillraceError } from '../wire/errors.ts'
import { closeCodes, socketPath, socketProtocol, tokenProtocol } from '../wire/socket-message.ts'
import { type Access, fullAccess } from './access.ts'
import { ApiSockets } from './api-sockets.ts'
import type { Authorization } from './authorization.ts'
import type { Upgraded } from './connections.ts'
import { DataMessages } from './data-messages.ts'
import type { UpgradeHandler } from './listener.ts'
import type { Origins } from './origins.ts'
import { SocketSession } from './socket-session.ts'
import { refuseUpgrade } from './upgrade-refusal.ts'

export interface SocketDoors {
  readonly authorization: Authorization
  readonly origins: Origins
  /** What integrations of WebSocket APIs call. */
  readonly calls: IntegrationCalls
}

/** The door for browsers: a WebSocket carries what HTTP/2 carries elsewhere, calls and long streams side by side. */
export class Sockets implements UpgradeHandler {
  readonly #broker: Broker
  readonly #dispatch: Dispatch
  readonly #authorization: Authorization
  readonly #origins: Origins
  readonly #server: WebSocketServer
  readonly #apis: ApiSockets
  readonly #messages = new DataMessages()
  #calls = 0
  #idle: (() => void)[] = []

  constructor(broker: Broker, dispatch: Dispatch, { authorization, origins, calls }: SocketDoors) {
    this.#broker = broker
    this.#dispatch = dispatch
    this.#authorization = authorization
    this.#origins = origins
    this.#apis = new ApiSockets(broker, calls)
    const { socketMessageBytesMax, socketFragmentsMax, socketPiecesMax } = broker.limits
    // Two of them are newer than the types. A message may come in any number of pieces, each of which would be kept with what surrounds it.
    const options: ServerOptions & { maxFragments: number; maxBufferedChunks: number } = {
      noServer: true,
      clientTracking: false,
      // Records do not get much smaller by it, and it would take memory and a core's time for every socket by itself.
      perMessageDeflate: false,
      maxPayload: socketMessageBytesMax,
      maxFragments: socketFragmentsMax,
      maxBufferedChunks: socketPiecesMax,
      handleProtocols: () => socketProtocol,
    }
    this.#server = new WebSocketServer(options)
  }

  upgrade(request: IncomingMessage, socket: Socket, head: Buffer, opened: (what: Upgraded) => void): boolean {
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') return false
    const offered = protocolsIn(request)
    const path = (request.url ?? '').replace(/\?.*$/, '')
    try {
      this.#broker.requireTaking()
      if (this.#apis.takes(path)) {
        this.#origins.check(request.headers)
        this.#apis.upgrade(request, socket, head, opened)
        return true
      }
      this.#check(path, offered)
    } catch (error) {
      const refusal = MillraceError.wrap(error)
      refuseUpgrade(socket, refusal.status, JSON.stringify(refusal))
      return true
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      // A page is not told why a handshake failed; so who has no right to be here is let in as far as the door, and told there.
      let access: Access = fullAccess
      let refusal: MillraceError | undefined
      try {
        access = this.#admit(request, offered)
      } catch (error) {
        refusal = MillraceError.wrap(error)
      }
      const session = new SocketSession(
        {
          broker: this.#broker,
          dispatch: this.#dispatch,
          access,
          messages: this.#messages,
          onCall: () => this.#called(),
          sourceIp: socket.remoteAddress ?? '',
          userAgent: request.headers['user-agent'] ?? '',
        },
        webSocket,
        socket,
      )
      const { gateway } = this.#broker.socketConnections
      gateway.set(session.id, session)
      socket.on('close', () => {
        gateway.delete(session.id)
        if (gateway.size === 0) this.#messages.forget()
      })
      opened(session)
      if (refusal?.code === 'origin_refused') session.refuse(closeCodes.originRefused, refusal.message)
      else if (refusal !== undefined) session.refuse(closeCodes.unauthorized, refusal.message)
    })
    return true
  }

  /** Resolves when no call is being answered. */
  idle(): Promise<void> {
    return this.#calls === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve))
  }

  /** @throws route_not_found, bad_request */
  #check(path: string, offered: readonly string[]): void {
    if (path !== socketPath) throw new MillraceError('route_not_found', { method: 'WebSocket', path })
    if (offered.length > 0 && !offered.includes(socketProtocol)) {
      throw new MillraceError('bad_request', { reason: `The subprotocol spoken here is ${socketProtocol}.` })
    }
  }

  /** @throws origin_refused, unauthorized */
  #admit({ headers }: IncomingMessage, offered: readonly string[]): Access {
    this.#origins.check(headers)
    const token = offered.find((each) => each.startsWith(tokenProtocol))?.slice(tokenProtocol.length)
    if (token === undefined) return this.#authorization.check(headers.authorization)
    return this.#authorization.admit(Buffer.from(token, 'base64url').toString())
  }

  #called(): () => void {
    this.#calls++
    return () => {
      if (--this.#calls === 0) for (const resolve of this.#idle.splice(0)) resolve()
    }
  }
}

function protocolsIn({ headers }: IncomingMessage): string[] {
  const value = headers['sec-websocket-protocol'] ?? ''
  return value.split(',').flatMap((each) => (each.trim() === '' ? [] : [each.trim()]))
}
