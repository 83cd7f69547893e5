import type { SocketConnection } from '../wire/socket-connection.ts'

/** Who is connected to WebSocket APIs. A connection lives as long as its socket, so nothing of it is kept. */
export class SocketConnections {
  readonly #connections = new Map<string, SocketConnection>()

  get size(): number {
    return this.#connections.size
  }

  get(id: string): SocketConnection | undefined {
    return this.#connections.get(id)
  }

  add(connection: SocketConnection): void {
    this.#connections.set(connection.id, connection)
  }

  remove(id: string): void {
    this.#connections.delete(id)
  }
}
