import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { type ServerOptions, WebSocketServer } from 'ws'
import type { IntegrationCalls } from '../api/apigateway/integration-calls.ts'
import { IntegrationRunner } from '../api/apigateway/integration-runner.ts'
import type { SocketClient } from '../api/apigateway/socket-event.ts'
import { SocketRouting } from '../api/apigateway/socket-routing.ts'
import { newConnectionId } from '../api/connection-id.ts'
import type { Broker } from '../broker.ts'
import { ApiConnection } from './api-connection.ts'
import type { Upgraded } from './connections.ts'
import { refuseUpgrade } from './upgrade-refusal.ts'

/** `/{apiId}/{stage}`, as an API's endpoint and a stage make it. */
const apiPath = /^\/([a-z0-9]{10})\/([A-Za-z0-9_$-]{1,128})\/?$/

/** The door for clients of WebSocket APIs: who comes waits until the function of `$connect` has decided. */
export class ApiSockets {
  readonly #broker: Broker
  readonly #integrations: IntegrationRunner
  readonly #server: WebSocketServer

  constructor(broker: Broker, calls: IntegrationCalls) {
    this.#broker = broker
    this.#integrations = new IntegrationRunner(broker, calls)
    const { apiMessageBytesMax, socketFragmentsMax, socketPiecesMax } = broker.limits
    const options: ServerOptions & { maxFragments: number; maxBufferedChunks: number } = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: apiMessageBytesMax,
      maxFragments: socketFragmentsMax,
      maxBufferedChunks: socketPiecesMax,
      handleProtocols: (_offered, request) => this.#chosen.get(request) ?? false,
    }
    this.#server = new WebSocketServer(options)
  }

  /** The subprotocols that functions chose for handshakes under way. */
  readonly #chosen = new WeakMap<IncomingMessage, string>()

  /** Whether a path is that of a stage of an API. */
  takes(path: string): boolean {
    const [, apiId = '', stage = ''] = apiPath.exec(path) ?? []
    return this.#broker.socketApis.deployed(apiId, stage) !== undefined
  }

  /** Takes a connection to a path that it takes. */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer, opened: (what: Upgraded) => void): void {
    // Until it is decided whose it is, a connection that breaks is nobody's matter.
    const ignore = () => undefined
    socket.on('error', ignore)
    // It is no request that came too slowly: its function may take its time.
    opened({ look: () => undefined, close: () => socket.destroy() })
    this.#connect(request, socket, head, opened)
      .catch((error: unknown) => {
        this.#broker.onFault(error)
        refuseUpgrade(socket, 500, JSON.stringify({ message: 'Internal server error' }))
      })
      .finally(() => socket.off('error', ignore))
  }

  async #connect(
    request: IncomingMessage,
    socket: Socket,
    head: Buffer,
    opened: (what: Upgraded) => void,
  ): Promise<void> {
    const [path = '', text = ''] = (request.url ?? '').split('?', 2)
    const client = this.#clientOf(request, path)
    const routing = new SocketRouting(this.#broker, this.#integrations, client)
    // What it says before it is let in waits in its socket.
    const outcome = await routing.connect(headersOf(request), new URLSearchParams(text))
    if (socket.destroyed) return
    if (outcome.status > 299) {
      refuseUpgrade(socket, outcome.status, outcome.body)
      return
    }
    if (outcome.protocol !== undefined) this.#chosen.set(request, outcome.protocol)
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      opened(new ApiConnection(this.#broker, client, routing, webSocket, socket))
    })
  }

  #clientOf(request: IncomingMessage, path: string): SocketClient {
    const [, apiId = '', stage = ''] = apiPath.exec(path) ?? []
    const { clock, socketApis } = this.#broker
    return {
      id: newConnectionId(),
      apiId,
      stage,
      stageVariables: socketApis.records.get(apiId)?.stages[stage]?.stageVariables ?? {},
      domainName: request.headers.host ?? 'localhost',
      connectedAt: clock.now(),
      sourceIp: request.socket.remoteAddress ?? '',
      userAgent: request.headers['user-agent'] ?? '',
    }
  }
}

/** Headers as a function is handed them: the names as they were sent, several of one name in one. */
function headersOf({ rawHeaders, headers }: IncomingMessage): Record<string, string> {
  const names = rawHeaders.filter((_, i) => i % 2 === 0)
  return Object.fromEntries(names.map((name) => [name, [headers[name.toLowerCase()] ?? ''].flat().join(', ')]))
}
