import type { GatewaySocket, SocketConnection } from '../wire/socket-connection.ts'

/** Who is connected by WebSockets. A connection lives as long as its socket, so nothing of it is kept. */
export class SocketConnections {
  /** Those of the native protocol, by id. */
  readonly gateway = new Map<string, GatewaySocket>()
  readonly #connections = new Map<string, SocketConnection>()
  readonly #byApi = new Map<string, Set<SocketConnection>>()

  /** A client of a WebSocket API, by its id. */
  get(id: string): SocketConnection | undefined {
    return this.#connections.get(id)
  }

  /** Clients of WebSocket APIs, in the order in which they came. */
  list(): readonly SocketConnection[] {
    return [...this.#connections.values()]
  }

  /** Clients of one API; of one stage of it, if that is said. */
  ofApi(apiId: string, stage?: string): readonly SocketConnection[] {
    const all = [...(this.#byApi.get(apiId) ?? [])]
    return stage === undefined ? all : all.filter((each) => each.stage === stage)
  }

  countOf(apiId: string): number {
    return this.#byApi.get(apiId)?.size ?? 0
  }

  add(connection: SocketConnection): void {
    const { id, apiId } = connection
    this.#connections.set(id, connection)
    const ofApi = this.#byApi.get(apiId)
    if (ofApi === undefined) this.#byApi.set(apiId, new Set([connection]))
    else ofApi.add(connection)
  }

  remove(id: string): void {
    const connection = this.#connections.get(id)
    if (connection === undefined) return
    this.#connections.delete(id)
    const ofApi = this.#byApi.get(connection.apiId)
    ofApi?.delete(connection)
    if (ofApi?.size === 0) this.#byApi.delete(connection.apiId)
  }
}
