import { Packr } from 'msgpackr'
import type { Channel } from '../../broker/wire/channel.ts'
import type { Endpoint, EndpointCall } from '../../broker/wire/endpoint.ts'
import { MillraceError } from '../../broker/wire/errors.ts'
import {
  messageKinds,
  type SocketMessage,
  socketPath,
  socketProtocol,
  tokenProtocol,
} from '../../broker/wire/socket-message.ts'
import { WebSocketChannel } from './websocket-channel.ts'
import { type WebSocketLike, WebSocketLink } from './websocket-link.ts'

const packr = new Packr({ useRecords: false })
const encoder = new TextEncoder()

export interface WebSocketEndpointOptions {
  readonly token?: string | undefined
  /** Opens a WebSocket; a browser's own is `(url, protocols) => new WebSocket(url, protocols)`. */
  readonly open: (url: string, protocols: string[]) => WebSocketLike
}

/** A broker through one WebSocket, which carries calls and long streams side by side; when it breaks, the next one asked for opens another. */
export class WebSocketEndpoint implements Endpoint {
  readonly #url: string
  readonly #options: WebSocketEndpointOptions
  #link: WebSocketLink | undefined
  #closed = false

  /** `url` with any of the schemes ws, wss, http and https. */
  constructor(url: URL, options: WebSocketEndpointOptions) {
    this.#url = `${url.protocol.replace(/^http/, 'ws')}//${url.host}${socketPath}`
    this.#options = options
  }

  async call(call: EndpointCall): Promise<unknown> {
    try {
      return await this.#call(call)
    } catch (error) {
      // The link may have been lost under it; what only reads is asked again.
      if (call.method !== 'GET' || !isUnavailable(error) || this.#closed) throw error
      return this.#call(call)
    }
  }

  open(path: string, body?: unknown): Channel {
    if (this.#closed) throw cancelled(`POST ${path}`)
    return new WebSocketChannel({ path, body, link: () => this.#linked(path) })
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#link?.end(cancelled('The connection'))
  }

  #call({ method, path, query, body, signal }: EndpointCall): Promise<unknown> {
    const what = `${method} ${path}`
    return new Promise((resolve, reject) => {
      if (signal?.aborted) throw cancelled(what)
      const link = this.#linked(what)
      const settled = () => {
        link.remove(number)
        signal?.removeEventListener('abort', abort)
      }
      const number = link.add({
        receive: (message) => {
          if (message.kind !== messageKinds.answer) return
          settled()
          answer(message, resolve, reject)
        },
        lost: (error) => {
          settled()
          reject(this.#closed ? cancelled(what) : error)
        },
      })
      const abort = () => {
        // The number is in use until the answer is here, and that is of no interest any more.
        link.send(messageKinds.close, number)
        reject(cancelled(what))
      }
      signal?.addEventListener('abort', abort)
      const request = {
        method,
        path,
        ...(query === undefined ? {} : { query }),
        ...(body === undefined ? {} : { body }),
      }
      link.send(messageKinds.call, number, packr.pack(request))
    })
  }

  #linked(what: string): WebSocketLink {
    if (this.#closed) throw cancelled(what)
    if (this.#link === undefined) {
      const { token, open } = this.#options
      const protocols = [socketProtocol, ...(token === undefined ? [] : [tokenProtocol + base64url(token)])]
      const link: WebSocketLink = new WebSocketLink(open(this.#url, protocols), this.#url, () => {
        if (this.#link === link) this.#link = undefined
      })
      this.#link = link
    }
    return this.#link
  }
}

function answer(
  { payload }: SocketMessage,
  resolve: (body: unknown) => void,
  reject: (error: MillraceError) => void,
): void {
  const { status, body } = packr.unpack(payload) as { status: number; body?: unknown }
  if (status < 300) resolve(body)
  else reject(MillraceError.from(body ?? { message: `status ${status}` }))
}

function isUnavailable(error: unknown): boolean {
  return error instanceof MillraceError && error.code === 'unavailable'
}

function cancelled(what: string): MillraceError {
  return new MillraceError('cancelled', { what })
}

function base64url(text: string): string {
  const binary = String.fromCharCode(...encoder.encode(text))
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
