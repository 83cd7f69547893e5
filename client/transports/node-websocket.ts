import { WebSocket } from 'ws'
import type { ConnectOptions } from './http2.ts'
import { WebSocketEndpoint } from './websocket.ts'
import type { WebSocketLike } from './websocket-link.ts'

/** A broker through a WebSocket from Node, for where a proxy lets nothing else through. */
export function nodeWebSocketEndpoint(url: URL, { token, tls }: ConnectOptions): WebSocketEndpoint {
  const open = (address: string, protocols: string[]) =>
    new WebSocket(address, protocols, { ...tls, perMessageDeflate: false }) as unknown as WebSocketLike
  return new WebSocketEndpoint(url, { token, open })
}
