import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ServerHttp2Session, ServerOptions } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import type { Clock } from '../clock.ts'
import type { Limits } from '../limits.ts'
import { type ErrorCode, MillraceError } from '../wire/errors.ts'
import { Connections, type Upgraded } from './connections.ts'
import type { Request, Response } from './http-exchange.ts'
import type { RequestHandler } from './http-request.ts'
import { Port } from './port.ts'

/** HTTP/2 windows: one stream may be this far ahead, and all of a connection that far. */
const streamWindowBytes = 4 * 1024 * 1024
const sessionWindowBytes = 16 * 1024 * 1024

const headBytesMax = 16 * 1024

/** Two of them are in Node's documentation and not in its types. */
const http2Options: ServerOptions & { maxSessionInvalidFrames: number; maxSessionRejectedStreams: number } = {
  settings: {
    initialWindowSize: streamWindowBytes,
    maxConcurrentStreams: 1_000,
    maxHeaderListSize: headBytesMax,
    enablePush: false,
  },
  maxSessionMemory: 64,
  maxHeaderListPairs: 64,
  maxSessionInvalidFrames: 100,
  maxSessionRejectedStreams: 100,
}

export interface ListenerOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer } | undefined
  readonly limits: Limits
  /** Sockets live in real time, whatever the broker's clock says. */
  readonly clock: Clock
}

/** What takes connections that ask to be something else than HTTP. */
export interface UpgradeHandler {
  /**
   * Takes a connection; `opened` is to be called with what it became. False: it takes none of this kind, and the connection goes on as
   * it was (RFC 9110 section 7.8 lets a server not hear the wish).
   */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer, opened: (what: Upgraded) => void): boolean
}

/** The one port: HTTP/1.1, HTTP/2 without TLS, and both with TLS. */
export class Listener {
  readonly #port: Port
  readonly #connections: Connections
  readonly #secure: boolean

  private constructor(port: Port, connections: Connections, secure: boolean) {
    this.#port = port
    this.#connections = connections
    this.#secure = secure
  }

  /**
   * Listens; resolves when connections are taken.
   * @throws listen_failed when the address or the certificate cannot be used
   */
  static async open(options: ListenerOptions, handler: RequestHandler, sockets: UpgradeHandler): Promise<Listener> {
    const { clock, limits, tls } = options
    const connections = new Connections(clock, limits, (socket) => say(socket, 'too_slow'))
    const take = (request: IncomingMessage, response: ServerResponse) => {
      if (request.httpVersionMajor === 1) connections.began(request.socket, response)
      handler.handle(request as Request, response as Response)
    }
    const port = makePort(options, connections, take)
    port.maxConnections = limits.connectionsMax
    // With it, Node does not say "continue" by itself: what is refused is refused before its body is sent.
    port.onEach('checkContinue', take)
    port.onEach('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      if (socket.destroyed || sockets.upgrade(request, socket, head, (what) => connections.upgraded(socket, what)))
        return
      port.goOn(socket, Buffer.concat([headWithoutUpgrade(request), head]))
    })
    port.onEach('session', (session: ServerHttp2Session) => adopt(session, connections))
    port.onEach('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
      if (connections.busy(socket)) socket.destroy()
      else say(socket, garbage[error.code ?? ''] ?? 'bad_request')
    })
    port.onEach('tlsClientError', (_error: Error, socket: Socket) => socket.destroy())
    port.onEach('sessionError', () => undefined)
    port.onEach('error', () => undefined)
    try {
      await listening(port, options)
    } catch (error) {
      await connections.close(0)
      throw error
    }
    port.on('error', () => undefined)
    return new Listener(port, connections, tls !== undefined)
  }

  /** Where it listens, such as http://127.0.0.1:4566. */
  get url(): string {
    const { address, family, port } = this.#port.address() as AddressInfo
    const host = family === 'IPv6' ? `[${address}]` : address
    return `${this.#secure ? 'https' : 'http'}://${host}:${port}`
  }

  /** Connections open now. */
  get connections(): number {
    return this.#connections.count
  }

  /** Takes no more connections; those that are open stay. */
  stop(): void {
    this.#port.close()
  }

  /** Ends every connection: those of HTTP/2 once their streams ended, or after `graceMillis`; then all others. */
  async close(graceMillis: number): Promise<void> {
    if (this.#port.listening) this.stop()
    await this.#connections.close(graceMillis)
  }
}

function makePort(
  { tls, limits }: ListenerOptions,
  connections: Connections,
  take: (request: IncomingMessage, response: ServerResponse) => void,
): Port {
  try {
    return new Port({
      http1: { maxHeaderSize: headBytesMax, noDelay: true, keepAliveTimeout: limits.idleMillisMax },
      http2: http2Options,
      tls: tls && { ...tls, ALPNProtocols: ['h2', 'http/1.1'], handshakeTimeout: limits.headMillisMax },
      take,
      opened: (socket, protocol) => connections.add(socket, protocol),
    })
  } catch (cause) {
    const reason = `its certificate or key is not usable (${cause instanceof Error ? cause.message : cause})`
    throw new MillraceError('listen_failed', { address: 'TLS', reason }, cause)
  }
}

function adopt(session: ServerHttp2Session, connections: Connections): void {
  connections.addSession(session)
  if (!session.destroyed) session.setLocalWindowSize(sessionWindowBytes)
  session.on('error', () => undefined)
  session.on('frameError', () => undefined)
  session.on('stream', (stream) => stream.on('error', () => undefined))
}

/** The head of a request as it came, without its wish to be something else. */
function headWithoutUpgrade({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer {
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    if (!/^(upgrade|connection|http2-settings)$/i.test(name)) lines.push(`${name}: ${rawHeaders[i + 1]}`)
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
}

function listening(server: Port, { host, port }: ListenerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: NodeJS.ErrnoException) => {
      const reason = cause.code === 'EADDRINUSE' ? 'another program listens there' : cause.message
      reject(new MillraceError('listen_failed', { address: `${host}:${port}`, reason }, cause))
    }
    server.once('error', refuse)
    server.listen({ host, port }, () => {
      server.off('error', refuse)
      resolve()
    })
  })
}

/** What Node's parser calls the ways in which something is not a request, and what that is here. */
const garbage: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'head_too_large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'head_too_large',
}

const phrases: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
}

/** What has no request to answer gets the one answer that HTTP has for that, and the connection ends. */
function say(socket: Socket, code: ErrorCode): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const error = new MillraceError(code, { reason: 'This is not an HTTP request.', limit: headBytesMax })
  const body = JSON.stringify(error)
  socket.end(
    `HTTP/1.1 ${error.status} ${phrases[error.status]}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
  // Who does not even read that is let go all the same.
  socket.destroySoon()
}
