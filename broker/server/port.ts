import { type ServerOptions as Http1Options, Server as Http1Server, type RequestListener } from 'node:http'
import { createServer as createHttp2Server, type ServerOptions as Http2Options } from 'node:http2'
import { Server as NetServer, type Socket } from 'node:net'
import { type TLSSocket, type TlsOptions, Server as TlsServer } from 'node:tls'

/** What a connection speaks; `unknown` until its first bytes came, `tls` for the socket that carries a secure one. */
export type Protocol = 'unknown' | 'tls' | 'http1' | 'http2'

export interface PortOptions {
  readonly http1: Http1Options
  readonly http2: Http2Options
  readonly tls?: TlsOptions | undefined
  readonly take: RequestListener
  /** Hears of every socket, and again when its protocol is known. */
  readonly opened: (socket: Socket, protocol: Protocol) => void
}

/** The first byte of a TLS record that begins a handshake (RFC 8446 section 5.1). */
const handshake = 0x16
/** The preface of HTTP/2 (RFC 9113 section 3.4): a client says all of it at once, and no request of HTTP/1 begins like it. */
const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

/**
 * A server that tells by a connection's first bytes what it speaks, and hands it, with those bytes put back, to the server for that.
 * The socket itself is handed on, so that HTTP/2 reads and writes it natively; docs/decisions/0003-one-port.md has what that is worth.
 */
export class Port extends NetServer {
  readonly #http1: Http1Server
  readonly #http2: ReturnType<typeof createHttp2Server>
  readonly #tls: TlsServer | undefined
  readonly #opened: PortOptions['opened']

  constructor({ http1, http2, tls, take, opened }: PortOptions) {
    super()
    this.#opened = opened
    this.#http1 = new Http1Server(http1, take)
    // The types of the two versions' requests differ; their compatibility layer is made so that one listener takes both.
    this.#http2 = createHttp2Server(http2, take as never)
    this.#tls = tls === undefined ? undefined : new TlsServer(tls)
    this.#tls?.on('secureConnection', (socket) => this.#secured(socket))
    this.on('connection', (socket) => this.#begin(socket))
  }

  /** Listens to the servers for HTTP/1.1, HTTP/2 and TLS alike. */
  onEach(event: string, listener: (...args: never[]) => void): void {
    for (const server of [this.#http1, this.#http2, this.#tls]) server?.on(event, listener as () => void)
  }

  /** Hands a connection of HTTP/1.1 back that asked for something else and goes on as it was; `head` is what it says next. */
  goOn(socket: Socket, head: Buffer): void {
    socket.unshift(head)
    process.nextTick(() => this.#hand(socket, 'http1'))
  }

  #begin(socket: Socket): void {
    this.#opened(socket, 'unknown')
    this.#sniff(socket, Buffer.alloc(0))
  }

  #secured(socket: TLSSocket): void {
    this.#opened(socket, 'unknown')
    if (socket.alpnProtocol === 'h2') this.#hand(socket, 'http2')
    else if (socket.alpnProtocol === 'http/1.1') this.#hand(socket, 'http1')
    else this.#sniff(socket, Buffer.alloc(0))
  }

  /** Reads until it is clear what comes; `held` is what came before. */
  #sniff(socket: Socket, held: Buffer): void {
    const more = socket.read() as Buffer | null
    if (more === null) {
      if (!socket.readableEnded) socket.once('readable', () => this.#sniff(socket, held))
      return
    }
    const head = held.length === 0 ? more : Buffer.concat([held, more])
    if (head.length < preface.length && preface.subarray(0, head.length).equals(head)) {
      socket.once('readable', () => this.#sniff(socket, head))
      return
    }
    socket.unshift(head)
    const http = head.subarray(0, preface.length).equals(preface) ? 'http2' : 'http1'
    // Not while the socket still tells that there is something to read: it would then never again be stopped from reading, and a body that
    // nobody takes would pile up in memory.
    process.nextTick(() => this.#hand(socket, head[0] === handshake && !('encrypted' in socket) ? 'tls' : http))
  }

  #hand(socket: Socket, protocol: Protocol): void {
    const server = { http1: this.#http1, http2: this.#http2, tls: this.#tls, unknown: undefined }[protocol]
    if (server === undefined || socket.destroyed) {
      socket.destroy()
      return
    }
    this.#opened(socket, protocol)
    server.emit('connection', socket)
  }
}
