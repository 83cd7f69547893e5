/** A client of a WebSocket API that is connected now. */
export interface SocketConnection {
  readonly id: string
  readonly apiId: string
  readonly stage: string
  readonly connectedAt: number
  readonly lastActiveAt: number
  readonly sourceIp: string
  readonly userAgent: string
  /** Sends a message; resolves when it is with the network. */
  post(data: Uint8Array): Promise<void>
  /** Ends it, as somebody asked for. */
  end(): void
}
