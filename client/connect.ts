import type { Endpoint } from '../broker/wire/endpoint.ts'
import { MillraceError } from '../broker/wire/errors.ts'
import { brokerInfo, Client } from './client.ts'
import type { ConnectOptions } from './transports/http2.ts'

/**
 * Connects to a broker: by its address, such as `http://127.0.0.1:4566`
 * (`ws://…` goes through a WebSocket), or in this process, given what `createBroker` returned.
 * @throws unavailable when nobody answers there, unauthorized, invalid_field
 */
export async function connect(
  target: string | URL | { readonly endpoint: Endpoint },
  options: ConnectOptions = {},
): Promise<Client> {
  const endpoint = await endpointFor(target, options)
  try {
    return new Client(endpoint, await brokerInfo(endpoint))
  } catch (error) {
    await endpoint.close()
    throw error
  }
}

async function endpointFor(
  target: string | URL | { readonly endpoint: Endpoint },
  options: ConnectOptions,
): Promise<Endpoint> {
  if (typeof target === 'object' && 'endpoint' in target) return target.endpoint
  const url = addressIn(target)
  if (url.protocol === 'ws:' || url.protocol === 'wss:') {
    const { nodeWebSocketEndpoint } = await import('./transports/node-websocket.ts')
    return nodeWebSocketEndpoint(url, options)
  }
  const { Http2Endpoint } = await import('./transports/http2.ts')
  return new Http2Endpoint(url, options)
}

function addressIn(target: string | URL): URL {
  const text = String(target)
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && /^(http|ws)s?:$/.test(url.protocol)) return url
  const reason = `must be an address such as http://127.0.0.1:4566 and is ${text}`
  throw new MillraceError('invalid_field', { field: 'target', reason })
}
