import { brokerInfo, Client } from './client.ts'
import { WebSocketEndpoint } from './transports/websocket.ts'
import type { WebSocketLike } from './transports/websocket-link.ts'

export { MillraceError } from '../broker/wire/errors.ts'
export type * from './index.ts'

export interface BrowserConnectOptions {
  /** Sent when the WebSocket is opened. What a page has, whoever reads the page has: give it one with grants. */
  readonly token?: string
}

/** What every browser has. */
declare const WebSocket: new (url: string, protocols: string[]) => WebSocketLike

/**
 * Connects a page to a broker through a WebSocket: to `target`, by default where this script came from.
 * @throws unavailable when nobody answers there, unauthorized
 */
export async function connect(
  target: string | URL = new URL('/', import.meta.url),
  { token }: BrowserConnectOptions = {},
): Promise<Client> {
  const open = (url: string, protocols: string[]) => new WebSocket(url, protocols)
  const endpoint = new WebSocketEndpoint(new URL(target), { token, open })
  try {
    return new Client(endpoint, await brokerInfo(endpoint))
  } catch (error) {
    await endpoint.close()
    throw error
  }
}
