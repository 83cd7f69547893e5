/** A client that is connected by a WebSocket now. */
export interface ConnectedSocket {
  readonly id: string
  readonly connectedAt: number
  readonly sourceIp: string
  readonly userAgent: string
  /** Ends it, as somebody asked for. */
  end(): void
}

/** One that speaks the native protocol, as browsers do. */
export interface GatewaySocket extends ConnectedSocket {
  /** Subscriptions, append sessions and queue sessions that it has open. */
  readonly longStreams: number
}

/** One of a WebSocket API. */
export interface SocketConnection extends ConnectedSocket {
  readonly apiId: string
  readonly stage: string
  readonly lastActiveAt: number
  /**
   * Sends a text message, given as its UTF-8; resolves when it is with the network.
   * @throws cancelled when it is gone meanwhile, throttled when it takes nothing of what it was sent before
   */
  post(text: Uint8Array): Promise<void>
  /** Ends it since it took nothing of what it was sent. */
  cutOff(): void
}

/** A client of a WebSocket, as the native API tells of it. */
export interface SocketDescription {
  readonly id: string
  /** `native` for those of the native protocol. */
  readonly door: 'native' | 'api'
  readonly api?: string
  readonly stage?: string
  readonly sourceIp: string
  readonly userAgent: string
  /** Milliseconds since 1970. */
  readonly connectedAt: number
  readonly lastActiveAt?: number
  readonly longStreams?: number
}

/** A WebSocket API, as the native API tells of it. */
export interface SocketApiDescription {
  readonly api: string
  readonly name: string
  readonly stages: readonly string[]
  /** Clients that are connected now. */
  readonly sockets: number
}
