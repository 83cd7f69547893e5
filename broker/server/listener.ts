import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ServerHttp2Session, ServerOptions } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { createServer, type Server } from '@httptoolkit/httpolyglot'
import { MillraceError } from '../wire/errors.ts'
import type { Request, RequestHandler, Response } from './http-request.ts'

/** HTTP/2 windows: one stream may be this far ahead, and all of a connection that far. */
const streamWindowBytes = 4 * 1024 * 1024
const sessionWindowBytes = 16 * 1024 * 1024

/** Two of them are in Node's documentation and not in its types. */
const http2Options: ServerOptions & { maxSessionInvalidFrames: number; maxSessionRejectedStreams: number } = {
  settings: { initialWindowSize: streamWindowBytes, maxConcurrentStreams: 1_000, enablePush: false },
  maxSessionMemory: 64,
  maxHeaderListPairs: 64,
  maxSessionInvalidFrames: 100,
  maxSessionRejectedStreams: 100,
}

/** A connection that says nothing for this long, right after it was opened, is closed. */
const firstByteMillisMax = 10_000

export interface ListenerOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer } | undefined
  readonly connectionsMax: number
}

/** The one port: HTTP/1.1, HTTP/2 without TLS, and both with TLS. */
export class Listener {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #sessions = new Set<ServerHttp2Session>()
  readonly #secure: boolean

  private constructor(server: Server, secure: boolean) {
    this.#server = server
    this.#secure = secure
  }

  /**
   * Listens; resolves when connections are taken.
   * @throws unavailable when the address cannot be used
   */
  static async open(options: ListenerOptions, handler: RequestHandler): Promise<Listener> {
    const { tls } = options
    const server = createServer(
      {
        http: { maxHeaderSize: 16 * 1024, noDelay: true },
        http2: http2Options,
        ...(tls === undefined ? {} : { tls: { ...tls, ALPNProtocols: ['h2', 'http/1.1'] } }),
      },
      (request: IncomingMessage, response: ServerResponse) => handler.handle(request as Request, response as Response),
    )
    const listener = new Listener(server, tls !== undefined)
    server.maxConnections = options.connectionsMax
    server.on('connection', (socket: Socket) => listener.#adopt(socket))
    server.on('session', (session: ServerHttp2Session) => listener.#adoptSession(session))
    server.on('clientError', (_error: Error, socket: Socket) => refuseGarbage(socket))
    server.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy())
    server.on('sessionError', () => undefined)
    await listening(server, options)
    server.on('error', () => undefined)
    return listener
  }

  /** Where it listens, such as http://127.0.0.1:4566. */
  get url(): string {
    const { address, family, port } = this.#server.address() as AddressInfo
    const host = family === 'IPv6' ? `[${address}]` : address
    return `${this.#secure ? 'https' : 'http'}://${host}:${port}`
  }

  /** Takes no more connections; those that are open stay. */
  stop(): void {
    this.#server.close()
  }

  /** Ends every connection: those of HTTP/2 once their streams ended, or after `graceMillis`; then all others. */
  async close(graceMillis: number): Promise<void> {
    if (this.#server.listening) this.stop()
    const ended = [...this.#sessions].map((session) => new Promise<void>((resolve) => session.close(resolve)))
    let timer: NodeJS.Timeout | undefined
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMillis)
    })
    await Promise.race([Promise.all(ended), grace])
    clearTimeout(timer)
    for (const socket of this.#sockets) socket.destroy()
  }

  #adopt(socket: Socket): void {
    // The same socket passes by again when its protocol is known, and once more inside TLS.
    if (this.#sockets.has(socket)) return
    this.#sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => undefined)
    socket.on('close', () => this.#sockets.delete(socket))
    const silent = setTimeout(() => socket.bytesRead === 0 && socket.destroy(), firstByteMillisMax)
    silent.unref()
    socket.on('close', () => clearTimeout(silent))
  }

  #adoptSession(session: ServerHttp2Session): void {
    this.#sessions.add(session)
    session.setLocalWindowSize(sessionWindowBytes)
    session.on('error', () => undefined)
    session.on('stream', (stream) => stream.on('error', () => undefined))
    session.on('close', () => this.#sessions.delete(session))
  }
}

function listening(server: Server, { host, port }: ListenerOptions): Promise<void> {
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

/** What is not HTTP gets the one answer HTTP has for that. */
function refuseGarbage(socket: Socket): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const error = new MillraceError('bad_request', { reason: 'This is not an HTTP request.' })
  const body = JSON.stringify(error)
  socket.end(
    `HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}
