import { Packr } from 'msgpackr'
import { Client, type Dispatcher, H2CClient, Pool } from 'undici'
import type { Channel } from '../../broker/wire/channel.ts'
import type { Endpoint, EndpointCall } from '../../broker/wire/endpoint.ts'
import { type ErrorBody, MillraceError } from '../../broker/wire/errors.ts'
import { Http2Channel } from './http2-channel.ts'
import { unavailable } from './unavailable.ts'

/** What a connection to a broker may need beyond its address. */
export interface ConnectOptions {
  /** Sent as `authorization: Bearer TOKEN`. */
  readonly token?: string
  /** For https: the certificate authority to trust, and whether to insist on it (the default). */
  readonly tls?: { readonly ca?: string | Buffer; readonly rejectUnauthorized?: boolean }
}

/** HTTP/2 windows: how far the broker may be ahead on the one long stream of a connection. */
const streamWindowBytes = 4 * 1024 * 1024
const connectionWindowBytes = 16 * 1024 * 1024
/** Calls under way at once; more wait their turn. */
const callConnectionsMax = 64

const messagePack = 'application/msgpack'
const packr = new Packr({ useRecords: false })

/**
 * A broker over the network. Each long stream has a connection of its own, over HTTP/2: that is its dedicated throughput, and
 * undici 7 would make a POST on a shared one wait for the streams to end. Calls share a pool of HTTP/1.1 connections, where one that
 * waits (a group's renewal does) holds up no other. docs/decisions/0002-transports.md has the measurements.
 */
export class Http2Endpoint implements Endpoint {
  readonly #url: URL
  readonly #options: ConnectOptions
  readonly #calls: Pool
  readonly #channels = new Set<Http2Channel>()
  #closed = false

  constructor(url: URL, options: ConnectOptions) {
    this.#url = url
    this.#options = options
    this.#calls = new Pool(url.origin, {
      connections: callConnectionsMax,
      allowH2: false,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { ...options.tls },
    })
  }

  async call(call: EndpointCall): Promise<unknown> {
    const query = call.query === undefined ? '' : `?${new URLSearchParams(call.query)}`
    const { statusCode, body } = await this.#request(call, query)
    const bytes = new Uint8Array(await body.arrayBuffer().catch((cause: unknown) => this.#fail(call, cause)))
    const value = bytes.length === 0 ? undefined : decode(bytes)
    if (statusCode < 300) return value
    throw MillraceError.from((value ?? { message: `status ${statusCode}` }) as Partial<ErrorBody>)
  }

  open(path: string, body?: unknown): Channel {
    if (this.#closed) throw new MillraceError('cancelled', { what: `POST ${path}` })
    const channel = new Http2Channel({
      connection: this.#connection(),
      path,
      headers: this.#headers(body === undefined ? 'application/vnd.millrace.frames' : 'application/json'),
      body: body === undefined ? undefined : JSON.stringify(body),
      url: this.#url.origin,
      onClosed: () => this.#channels.delete(channel),
    })
    this.#channels.add(channel)
    return channel
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const channel of [...this.#channels]) channel.destroy()
    await this.#calls.destroy()
  }

  async #request(call: EndpointCall, query: string) {
    try {
      return await this.#send(call, query)
    } catch (cause) {
      // A connection kept from an earlier call may have been closed by the far side meanwhile; what only reads is asked again.
      if (call.method !== 'GET' || call.signal?.aborted || this.#closed) this.#fail(call, cause)
      return this.#send(call, query).catch((again: unknown) => this.#fail(call, again))
    }
  }

  async #send({ method, path, body, signal }: EndpointCall, query: string) {
    if (this.#closed) throw new MillraceError('cancelled', { what: `${method} ${path}` })
    return this.#calls.request({
      method,
      path: path + query,
      headers: { ...this.#headers(messagePack), accept: messagePack },
      ...(body === undefined ? {} : { body: packr.pack(body) }),
      ...(signal === undefined ? {} : { signal }),
    })
  }

  #fail({ method, path, signal }: EndpointCall, cause: unknown): never {
    if (signal?.aborted || this.#closed) throw new MillraceError('cancelled', { what: `${method} ${path}` }, cause)
    throw unavailable(this.#url.origin, cause)
  }

  #headers(contentType: string): Record<string, string> {
    const { token } = this.#options
    return { 'content-type': contentType, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
  }

  #connection(): Dispatcher {
    const options = {
      initialWindowSize: streamWindowBytes,
      connectionWindowSize: connectionWindowBytes,
      headersTimeout: 0,
      bodyTimeout: 0,
    }
    if (this.#url.protocol === 'http:') return new H2CClient(this.#url.origin, options)
    return new Client(this.#url.origin, { ...options, allowH2: true, connect: { ...this.#options.tls } })
  }
}

function decode(bytes: Uint8Array): unknown {
  try {
    return packr.unpack(bytes)
  } catch (cause) {
    throw new MillraceError('internal', { reason: 'the answer is not MessagePack; is this a Millrace broker?' }, cause)
  }
}
